"""Coming in and going out; how it is done stands in lpm.people."""

from lpm.people.views.sign_in import csrf_failure, demo_sign_in, language_choose, sign_in, sign_out

__all__ = ["csrf_failure", "demo_sign_in", "language_choose", "sign_in", "sign_out"]
