"""Lint beyond errors: what is allowed and mostly not meant. Each rule is one file of `rules/`."""

from __future__ import annotations

from typing import Final

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.rules import (
    already_so,
    applied_twice,
    concat_of_texts,
    condition_of_the_scope,
    constant_condition,
    constant_that_is_a_field,
    contradiction,
    counted_to_ask,
    decided_condition,
    double_negation,
    empty_branch,
    fallback_to_null,
    impossible_case,
    informational_unused,
    insecure_link,
    keys_differ_in_case,
    long_case,
    long_form_in_body,
    loop_without_its_item,
    markup_in_plain_text,
    minutes_for_months,
    nested_ifs,
    no_description,
    note_without_link,
    old_account_file,
    partial_operation,
    pattern_without_signs,
    question_before_match,
    reads_nothing,
    repeated_operand,
    same_branches,
    shadowed_condition,
    split_for_one_end,
    table_of_one_result,
    table_of_the_same,
    template_of_one_value,
    template_without_values,
    told_twice,
    unused_grant,
    unused_table,
    unused_template,
    updates_missed,
)
from queast_compiler.lint.subject import subject_of
from queast_compiler.passes.program import Program
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.registry import register
from queast_dsl.document.connections import Connection

__all__ = ["RULES", "Hit", "Rule", "run_rules", "run_rules_of_connection"]

RULES: Final[tuple[Rule, ...]] = (
    unused_table.RULE,
    unused_template.RULE,
    unused_grant.RULE,
    constant_condition.RULE,
    same_branches.RULE,
    repeated_operand.RULE,
    contradiction.RULE,
    double_negation.RULE,
    impossible_case.RULE,
    applied_twice.RULE,
    fallback_to_null.RULE,
    counted_to_ask.RULE,
    table_of_one_result.RULE,
    table_of_the_same.RULE,
    keys_differ_in_case.RULE,
    no_description.RULE,
    already_so.RULE,
    condition_of_the_scope.RULE,
    template_of_one_value.RULE,
    template_without_values.RULE,
    markup_in_plain_text.RULE,
    insecure_link.RULE,
    pattern_without_signs.RULE,
    nested_ifs.RULE,
    long_case.RULE,
    updates_missed.RULE,
    informational_unused.RULE,
    reads_nothing.RULE,
    concat_of_texts.RULE,
    loop_without_its_item.RULE,
    empty_branch.RULE,
    split_for_one_end.RULE,
    partial_operation.RULE,
    decided_condition.RULE,
    shadowed_condition.RULE,
    note_without_link.RULE,
    old_account_file.RULE,
    question_before_match.RULE,
    told_twice.RULE,
    long_form_in_body.RULE,
    constant_that_is_a_field.RULE,
    minutes_for_months.RULE,
)
register(rule.entry for rule in RULES)


def run_rules(program: Program, diagnostics: Diagnostics) -> None:
    """Report what the rules have against a mapping without errors, in its own file: a base has its own authors.

    Where something is said already, of the very same words, the rules are silent.
    """
    subject = subject_of(program)
    own = program.mapping.sources[0]
    told = {finding.span for finding in diagnostics.findings}
    for rule in RULES:
        for hit in rule.check(subject):
            if hit.span.file == own and hit.span not in told:
                diagnostics.report(rule.code, hit.message, hit.span, help=hit.help, notes=hit.notes, fix=hit.fix)


def run_rules_of_connection(connection: Connection, diagnostics: Diagnostics) -> None:
    """Report what the rules have against a connection without errors."""
    for rule in RULES:
        for hit in rule.check_connection(connection):
            diagnostics.report(rule.code, hit.message, hit.span, help=hit.help, notes=hit.notes, fix=hit.fix)
