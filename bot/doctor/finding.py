"""What the doctor says about one thing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What was looked at, and whether it is well.

    Attributes:
        well: True: nothing has to be done. False: something is wrong. None: somebody should know it.
        sentence: What is so; where it is not well, also how to mend it.
    """

    well: bool | None
    sentence: str
