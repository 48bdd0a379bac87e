"""Bodies that follow a joint which a person drags: inverse kinematics with the pose prior."""
