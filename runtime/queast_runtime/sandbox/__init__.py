"""CRM doubles and a webhook receiver on loopback, for trying mappings without an account.

Nothing here is shared with the driver or the manifests: the doubles know the destinations only from their vendors'
published descriptions, so that a mistake made on our side is not made twice and thereby hidden.
"""
