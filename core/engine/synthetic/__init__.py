"""Pictures of people made by code, with keypoints as a detector finds them and the truth beside."""
