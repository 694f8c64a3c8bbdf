"""What can be done with accounts, each recorded as an event."""

from apps.accounts.services.sign_in import TooManyFailures, WrongCredentials, check_credentials, signed_in, signed_out
from apps.accounts.services.tokens import authenticate_token, create_token, replace_token, revoke
from apps.accounts.services.users import close_account, create_user, set_credentials

__all__ = [
    "TooManyFailures",
    "WrongCredentials",
    "authenticate_token",
    "check_credentials",
    "close_account",
    "create_token",
    "create_user",
    "replace_token",
    "revoke",
    "set_credentials",
    "signed_in",
    "signed_out",
]
