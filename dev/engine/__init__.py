"""Makes the engine, which is published under another package name, answer to `frappe`."""

OLD, NEW = "frappe", "criscostack"
