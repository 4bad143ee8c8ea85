"""What the Desk forms of leads and deals show under Connections."""


def lead(data: dict) -> dict:
    return _with_links(data, "crm_lead")


def deal(data: dict) -> dict:
    return _with_links(data, "crm_deal")


def _with_links(data: dict, fieldname: str) -> dict:
    data.setdefault("fieldname", fieldname)
    data.setdefault("non_standard_fieldnames", {})["Identity Link"] = fieldname
    data.setdefault("transactions", []).append({"label": "TrackFlow", "items": ["Identity Link"]})
    return data
