"""The demo regressor: trained on people made by code, so that a first launch shows predictions."""
