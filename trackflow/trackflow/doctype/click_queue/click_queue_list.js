{% include "trackflow/public/js/retry_list.js" %}

frappe.listview_settings["Click Queue"] = trackflow.retry_list("trackflow.api.clicks.retry");
