// TrackFlow: an action that shows where this lead or deal came from. Changed scripts are left alone by updates.
function setupForm({ doc, $dialog, call }) {
	if (!doc.trackflow_touch_count && !doc.trackflow_first_touch_date) return {}
	const title = __("Where It Came From")

	async function show() {
		let html
		try {
			const asked = { doctype: doc.doctype, name: doc.name }
			html = (await call("trackflow.api.attribution.panel", asked)).html
		} catch (error) {
			const message = textOf(error.messages?.[0] || __("This could not be loaded. Try it again in a moment."))
			return $dialog({ title, message })
		}
		// The texts in it come escaped.
		$dialog({ title, html, size: "5xl" })
	}

	// Frappe refuses in HTML, and these dialogs show a message as it is.
	function textOf(message) {
		const html = message.replace(/\s*<br\s*\/?>/g, ". ")
		return new DOMParser().parseFromString(html, "text/html").body.textContent
	}

	return { actions: [{ label: title, onClick: show }] }
}
