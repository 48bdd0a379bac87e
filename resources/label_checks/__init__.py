"""What label checks have learnt from made errors: the critic of labels and its calibration."""
