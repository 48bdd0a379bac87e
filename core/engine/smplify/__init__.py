"""SMPLify: objective, priors, solvers, initial fits."""
