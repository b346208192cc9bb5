//! What an indicator means, for `sekisho explain`.
