"""Findings as text for people, and for programs as JSON, SARIF and what GitHub and GitLab show in a change."""
