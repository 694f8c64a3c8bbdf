"""IAM beyond moto's records: policies are evaluated, for simulations and for the calls of roles that have some."""
