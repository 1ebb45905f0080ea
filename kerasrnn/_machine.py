"""What is known of the machine."""

import os


def cores():
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # of Linux alone
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
