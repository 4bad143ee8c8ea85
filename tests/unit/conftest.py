"""How hypothesis searches: the same examples on every run, few enough for a suite that runs in seconds.

Set HYPOTHESIS_PROFILE=explore to look for new ones.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady",
    max_examples=80,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", settings.get_profile("steady"), max_examples=2_000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
