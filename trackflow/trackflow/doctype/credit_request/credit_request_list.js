{% include "trackflow/public/js/retry_list.js" %}

frappe.listview_settings["Credit Request"] = trackflow.retry_list("trackflow.api.attribution.retry");
