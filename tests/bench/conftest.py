from tests import harness

if harness.SITE:
    harness.connect()
