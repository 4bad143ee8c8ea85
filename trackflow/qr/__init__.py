"""QR codes: styles kept on links and settings, drawn as SVG and PNG, and on sheets as PDF."""
