"""Why something could not be kept."""


class SpoolError(Exception):
    """Nothing was kept: whoever is waiting must be told so."""


class SpoolFull(SpoolError):
    """The quota is used up, or the disk is."""


class SpoolUnwritable(SpoolError):
    """The disk, the folder or the file does not take anything, or not in time."""
