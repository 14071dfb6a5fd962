"""What a service provider of Cl@ve 2 does with good and with wrong answers, seen from a browser.

It knows nothing of the service provider but its address: it begins logins there, has the simulator's
gateway answer them in every way that is known to have worked somewhere, and looks whether somebody
is logged in afterwards.
"""
