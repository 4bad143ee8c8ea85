{% include "trackflow/public/js/retry_list.js" %}

frappe.listview_settings["Visitor Event Queue"] = trackflow.retry_list("trackflow.api.tracker.retry");
