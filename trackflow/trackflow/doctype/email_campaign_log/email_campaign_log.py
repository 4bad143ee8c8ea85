from frappe.model.document import Document

from trackflow import credit


class EmailCampaignLog(Document):
    """An email of a campaign to one recipient. That it was clicked is a touch of whoever has the address."""

    def on_update(self) -> None:
        if self.has_value_changed("clicked_date") or self.has_value_changed("recipient"):
            self._credit_again()

    def on_trash(self) -> None:
        self._credit_again()

    def _credit_again(self) -> None:
        before = self.get_doc_before_save() or self
        if self.clicked_date or before.clicked_date:
            for address in sorted({self.recipient or "", before.recipient or ""}):
                credit.again_for_address(address)
