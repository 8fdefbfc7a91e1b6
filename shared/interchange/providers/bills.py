"""The vendors' bills as they export them: which columns of a CSV file hold the day, what was bought, and its price.

OpenAI documents the fields of its costs (https://developers.openai.com/api/reference, organization costs), whose
export writes them flat; Anthropic's is the Console's cost export (https://support.claude.com/en/articles/9534590);
Google's the Cost table (https://docs.cloud.google.com/billing/docs/how-to/cost-table), and the same by the names of its
BigQuery export (.../export-data-bigquery-tables/standard-usage); AWS's the Cost and Usage Report, in both of its
spellings (https://docs.aws.amazon.com/cur/latest/userguide/data-dictionary.html). xAI documents no form: its Usage
Explorer groups by day and model (https://docs.x.ai/console/usage). FOCUS (https://focus.finops.org/focus-specification/)
is what any of them may be brought to, and what AWS, Google and Microsoft export (1.0 to 1.2: `ProviderName`; 1.3:
`ServiceProviderName`, https://focus.finops.org/focus-columns/).
"""

from __future__ import annotations

from interchange.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Bill:
    """Columns by their names in small letters; the first of several that the file has counts. `vendor` of "" must be
    named by the operator. `has` are columns that only this form has; `only` are columns, and words of which one is in
    them where the line is about models; `leave` is the same for lines that are not what was used (taxes, credits)."""

    name: str
    vendor: str
    has: tuple[str, ...]
    day: tuple[str, ...]
    what: tuple[str, ...]
    usd: tuple[str, ...]
    end: tuple[str, ...] = ()
    currency: tuple[str, ...] = ()
    only: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    leave: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    says: tuple[str, ...] = ()
    """Columns that say whose line it is, in a form of several vendors: see SELLERS."""


TAXES = ("tax", "credit", "refund", "rounding")
BILLS: tuple[Bill, ...] = (
    Bill("OpenAI, costs", "openai", has=("amount_value", "start_time_iso"), day=("start_time_iso",),
         end=("end_time_iso",), what=("line_item",), usd=("amount_value",), currency=("amount_currency",)),
    Bill("Anthropic, cost", "anthropic", has=("usage_date_utc", "cost_usd"), day=("usage_date_utc",),
         what=("model",), usd=("cost_usd",)),
    Bill("Google Cloud, cost table", "gemini", has=("sku description", "usage start date"), day=("usage start date",),
         end=("usage end date",), what=("sku description",),
         usd=("unrounded cost ($)", "cost ($)", "unrounded cost", "cost"), currency=("currency",),
         only=(("service description",), ("gemini", "generative", "vertex")),
         leave=(("cost type",), TAXES)),
    Bill("Google Cloud, billing export", "gemini", has=("sku.description", "usage_start_time"),
         day=("usage_start_time",), end=("usage_end_time",), what=("sku.description",),
         usd=("cost",), currency=("currency",),
         only=(("service.description",), ("gemini", "generative", "vertex")), leave=(("cost_type",), TAXES)),
    Bill("AWS, Cost and Usage Report", "bedrock", has=("lineitem/usagestartdate", "lineitem/unblendedcost"),
         day=("lineitem/usagestartdate",), end=("lineitem/usageenddate",),
         what=("product/productname", "lineitem/lineitemdescription", "lineitem/usagetype"),
         usd=("lineitem/netunblendedcost", "lineitem/unblendedcost"), currency=("lineitem/currencycode",),
         only=(("lineitem/productcode", "product/productname", "lineitem/lineitemdescription"), ("bedrock",)),
         leave=(("lineitem/lineitemtype",), TAXES)),
    Bill("AWS, data export", "bedrock", has=("line_item_usage_start_date", "line_item_unblended_cost"),
         day=("line_item_usage_start_date",), end=("line_item_usage_end_date",),
         what=("product_product_name", "line_item_line_item_description", "line_item_usage_type"),
         usd=("line_item_net_unblended_cost", "line_item_unblended_cost"), currency=("line_item_currency_code",),
         only=(("line_item_product_code", "product_product_name", "line_item_line_item_description"), ("bedrock",)),
         leave=(("line_item_line_item_type",), TAXES)),
    Bill("FOCUS", "", has=("billedcost", "chargeperiodstart"), day=("chargeperiodstart",), end=("chargeperiodend",),
         says=("serviceprovidername", "providername"), what=("chargedescription", "skumeter", "skuid"),
         usd=("billedcost",), currency=("billingcurrency",),
         leave=(("chargecategory",), TAXES)),
    Bill("day, model, cost", "", has=("model",), day=("date", "day", "usage_date", "timestamp", "time"),
         what=("model", "description"), usd=("cost_usd", "cost (usd)", "cost ($)", "cost", "usd", "amount", "spend")),
)  # fmt: skip
"""The first form whose columns a file has is its."""

SELLERS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "aws": ("bedrock", ("servicename", "chargedescription"), ("bedrock",)),
    "amazon": ("bedrock", ("servicename", "chargedescription"), ("bedrock",)),
    "google": ("gemini", ("servicename",), ("gemini", "generative", "vertex")),
    "openai": ("openai", (), ()),
    "anthropic": ("anthropic", (), ()),
    "xai": ("xai", (), ()),
}
"""The first word of who sells -> the vendor, and which of its lines are about models, as `only` of a form."""
