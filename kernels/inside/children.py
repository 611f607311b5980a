"""In the image as `sitecustomize`: what Python programs that a kernel starts find at their start.

/proc can be listed and not read in a sandbox, so psutil cannot measure; libraries that ask whether
it is there (joblib's workers) go on without it when it is not. Locks between processes are those
of `kernels.inside.semaphores`.
"""

import sys

from kernels.inside.semaphores import look_again

__all__: list[str] = []

sys.modules["psutil"] = None  # type: ignore[assignment]  # the way to say: not installed
look_again()
