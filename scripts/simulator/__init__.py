"""A Cl@ve that never leaves this machine: gateway, phone, personas and a sample e-office.

It shares no code with the nginx module, so that one can be wrong without the other agreeing.
"""
