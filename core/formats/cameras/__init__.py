"""Calibration files of other programs: which camera took which picture."""
