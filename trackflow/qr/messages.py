"""What is wrong with a QR code, in the reader's language and with what to change."""

from trackflow.domain.errors import sentence as _


def sentences() -> dict[str, str]:
    """Return the sentence for each reason that ``domain.qr_styles`` and ``qr_drawing`` refuse something for."""
    return {
        "qr_colour": _("{colour} is no colour. Enter it like #1a2b3c."),
        "qr_level": _("{level} is no error correction. Choose L, M, Q or H."),
        "qr_margin": _("The margin is {value}. Enter a number from {least} to {most}; scanners want 4."),
        "qr_size": _("The size is {value}. Enter a number of pixels from {least} to {most}."),
        "qr_inverted": _(
            "The code would be {dark} on {light}, light on dark, which many scanners can't read. Swap the colours."
        ),
        "qr_contrast": _(
            "{dark} on {light} has a contrast of {ratio}, and scanners need {least}. Choose a darker dark colour or a"
            " lighter light one."
        ),
        "qr_too_small": _(
            "The code does not fit into {pixels} pixels. Take {least} or more, or a smaller margin."
        ),
        "qr_logo_missing": _("The logo is not among the files of this site. Upload it again, or remove it."),
        "qr_logo_unreadable": _("The logo can't be read. Upload a PNG, JPEG, GIF or WebP picture."),
        "qr_logo_too_large": _("The logo is too large. Take a picture of less than {megabytes} MB."),
    }
