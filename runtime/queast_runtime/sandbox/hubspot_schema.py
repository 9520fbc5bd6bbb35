"""What the HubSpot double's account has: properties of companies and notes, options, owners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HubSpotType = Literal["string", "number", "bool", "date", "datetime", "enumeration"]

EXTERNAL_ID = "queast_company_id"


@dataclass(frozen=True, slots=True)
class Property:
    """A property as the account defines it. `multiple` joins options with `;`. `owner` values are owner ids."""

    name: str
    label: str
    type: HubSpotType = "string"
    field_type: str = "text"
    options: tuple[tuple[str, str], ...] = ()
    multiple: bool = False
    unique: bool = False
    read_only: bool = False
    required: bool = False
    owner: bool = False
    max_length: int | None = None
    integer: bool = False
    group: str = "companyinformation"
    built_in: bool = True


@dataclass(frozen=True, slots=True)
class Owner:
    id: str
    email: str
    first_name: str
    last_name: str


OWNERS: tuple[Owner, ...] = (
    Owner("51001", "anna@acme.example", "Anna", "Berg"),
    Owner("51002", "jonas@acme.example", "Jonas", "Lind"),
)

_INDUSTRIES = [
    "ACCOUNTING",
    "AIRLINES_AVIATION",
    "APPAREL_FASHION",
    "ARCHITECTURE_PLANNING",
    "AUTOMOTIVE",
    "AVIATION_AEROSPACE",
    "BANKING",
    "BIOTECHNOLOGY",
    "BROADCAST_MEDIA",
    "BUILDING_MATERIALS",
    "CAPITAL_MARKETS",
    "CHEMICALS",
    "CIVIL_ENGINEERING",
    "COMPUTER_GAMES",
    "COMPUTER_HARDWARE",
    "COMPUTER_NETWORKING",
    "COMPUTER_NETWORK_SECURITY",
    "COMPUTER_SOFTWARE",
    "CONSTRUCTION",
    "CONSUMER_ELECTRONICS",
    "CONSUMER_GOODS",
    "CONSUMER_SERVICES",
    "COSMETICS",
    "DAIRY",
    "DEFENSE_SPACE",
    "DESIGN",
    "E_LEARNING",
    "EDUCATION_MANAGEMENT",
    "ELECTRICAL_ELECTRONIC_MANUFACTURING",
    "ENTERTAINMENT",
    "ENVIRONMENTAL_SERVICES",
    "FARMING",
    "FINANCIAL_SERVICES",
    "FISHERY",
    "FOOD_BEVERAGES",
    "FOOD_PRODUCTION",
    "FURNITURE",
    "GAMBLING_CASINOS",
    "GOVERNMENT_ADMINISTRATION",
    "HEALTH_WELLNESS_AND_FITNESS",
    "HIGHER_EDUCATION",
    "HOSPITAL_HEALTH_CARE",
    "HOSPITALITY",
    "HUMAN_RESOURCES",
    "INDUSTRIAL_AUTOMATION",
    "INFORMATION_SERVICES",
    "INFORMATION_TECHNOLOGY_AND_SERVICES",
    "INSURANCE",
    "INTERNET",
    "INVESTMENT_BANKING",
    "INVESTMENT_MANAGEMENT",
    "LAW_PRACTICE",
    "LEGAL_SERVICES",
    "LEISURE_TRAVEL_TOURISM",
    "LOGISTICS_AND_SUPPLY_CHAIN",
    "LUXURY_GOODS_JEWELRY",
    "MACHINERY",
    "MANAGEMENT_CONSULTING",
    "MARITIME",
    "MARKETING_AND_ADVERTISING",
    "MECHANICAL_OR_INDUSTRIAL_ENGINEERING",
    "MEDIA_PRODUCTION",
    "MEDICAL_DEVICES",
    "MEDICAL_PRACTICE",
    "MINING_METALS",
    "NON_PROFIT_ORGANIZATION_MANAGEMENT",
    "OIL_ENERGY",
    "PACKAGE_FREIGHT_DELIVERY",
    "PACKAGING_AND_CONTAINERS",
    "PAPER_FOREST_PRODUCTS",
    "PHARMACEUTICALS",
    "PLASTICS",
    "PRINTING",
    "PROFESSIONAL_TRAINING_COACHING",
    "PUBLISHING",
    "RAILROAD_MANUFACTURE",
    "REAL_ESTATE",
    "RENEWABLES_ENVIRONMENT",
    "RESEARCH",
    "RESTAURANTS",
    "RETAIL",
    "SECURITY_AND_INVESTIGATIONS",
    "SEMICONDUCTORS",
    "SHIPBUILDING",
    "SPORTS",
    "STAFFING_AND_RECRUITING",
    "SUPERMARKETS",
    "TELECOMMUNICATIONS",
    "TEXTILES",
    "TOBACCO",
    "TRANSPORTATION_TRUCKING_RAILROAD",
    "UTILITIES",
    "VENTURE_CAPITAL_PRIVATE_EQUITY",
    "WAREHOUSING",
    "WHOLESALE",
    "WINE_AND_SPIRITS",
    "WIRELESS",
    "WRITING_AND_EDITING",
]


def _labelled(values: list[str]) -> tuple[tuple[str, str], ...]:
    return tuple((value, value.replace("_", " ").capitalize()) for value in values)


def _own(name: str, label: str, type: HubSpotType, field_type: str, *, unique: bool = False) -> Property:
    return Property(name, label, type, field_type, unique=unique, group="queast", built_in=False)


COMPANY_PROPERTIES: dict[str, Property] = {
    entry.name: entry
    for entry in (
        Property("name", "Company name"),
        Property("domain", "Company domain name"),
        Property("website", "Website URL"),
        Property("description", "Description", field_type="textarea", max_length=65_536),
        Property("phone", "Phone number", field_type="phonenumber"),
        Property("address", "Street address"),
        Property("city", "City"),
        Property("state", "State/region"),
        Property("zip", "Postal code"),
        Property("country", "Country/region"),
        Property("industry", "Industry", "enumeration", "select", _labelled(_INDUSTRIES)),
        Property("numberofemployees", "Number of employees", "number", "number", integer=True),
        Property("annualrevenue", "Annual revenue", "number", "number"),
        Property("founded_year", "Year founded"),
        Property("linkedin_company_page", "LinkedIn company page"),
        Property("hubspot_owner_id", "Company owner", "enumeration", "select", owner=True),
        Property(
            "lifecyclestage",
            "Lifecycle stage",
            "enumeration",
            "radio",
            _labelled(
                ["subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer"]
            ),
        ),
        Property("is_public", "Is public", "bool", "booleancheckbox"),
        Property("hs_object_id", "Record ID", "number", "number", read_only=True),
        Property("createdate", "Create date", "datetime", "date", read_only=True),
        Property("hs_lastmodifieddate", "Last modified date", "datetime", "date", read_only=True),
        _own(EXTERNAL_ID, "Queast company id", "string", "text", unique=True),
        _own("queast_founded_on", "Founded on", "date", "date"),
        _own("queast_updated_at", "Updated at Queast", "datetime", "date"),
        _own("queast_interest", "Interesting for Queast", "bool", "booleancheckbox"),
        Property(
            "queast_regions",
            "Regions",
            "enumeration",
            "checkbox",
            (("nordics", "Nordics"), ("europe", "Europe"), ("world", "Rest of the world")),
            multiple=True,
            group="queast",
            built_in=False,
        ),
    )
}

NOTE_PROPERTIES: dict[str, Property] = {
    entry.name: entry
    for entry in (
        Property("hs_timestamp", "Activity date", "datetime", "date", required=True, group="engagement"),
        Property("hs_note_body", "Body", field_type="html", max_length=65_536, group="engagement"),
        Property("hubspot_owner_id", "Owner", "enumeration", "select", owner=True, group="engagement"),
        Property("hs_object_id", "Record ID", "number", "number", read_only=True, group="engagement"),
        Property("hs_createdate", "Create date", "datetime", "date", read_only=True, group="engagement"),
        Property("hs_lastmodifieddate", "Last modified", "datetime", "date", read_only=True, group="engagement"),
    )
}

PROPERTIES: dict[str, dict[str, Property]] = {"companies": COMPANY_PROPERTIES, "notes": NOTE_PROPERTIES}

# Association type ids between a note and a company, by (from, to).
ASSOCIATION_IDS: dict[tuple[str, str], int] = {("notes", "companies"): 190, ("companies", "notes"): 189}
