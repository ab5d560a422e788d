//! Appwrite's errors: status, `type` and message.

use std::fmt;

/// An error response. Clients branch on the `type`; the message is for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct ApiError {
    /// The error type.
    pub kind: ErrorKind,
    /// The message.
    pub message: String,
}

impl ApiError {
    /// Creates an error with a specific message.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// ``Invalid `name` param: <why>``, the message of Appwrite's router.
    #[must_use]
    pub fn invalid_param(name: &str, why: impl fmt::Display) -> Self {
        Self::new(ErrorKind::GeneralArgumentInvalid, format!("Invalid `{name}` param: {why}"))
    }

    /// `Param "name" is not optional.`, the message of Appwrite's router.
    #[must_use]
    pub fn missing_param(name: &str) -> Self {
        Self::new(ErrorKind::GeneralArgumentInvalid, format!("Param \"{name}\" is not optional."))
    }

    /// An internal error. The log contains the cause; the response does not.
    #[must_use]
    pub fn unknown(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        ErrorKind::GeneralUnknown.into()
    }
}

impl From<ErrorKind> for ApiError {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind, kind.message())
    }
}

impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{CannotOpen, DiskFull, ReadOnly, SystemIoFailure};
        let code = error.sqlite_error_code();
        let unknown = Self::unknown(error);
        // Appwrite says only "Server Error"; here the reader can free disk space.
        match code {
            Some(DiskFull) => Self { message: "local-appwrite cannot write: the disk is full".to_owned(), ..unknown },
            Some(ReadOnly | CannotOpen | SystemIoFailure) => {
                Self { message: "local-appwrite cannot write its data folder".to_owned(), ..unknown }
            }
            _ => unknown,
        }
    }
}

impl From<serde_json::Error> for ApiError {
    fn from(error: serde_json::Error) -> Self {
        Self::unknown(error)
    }
}

macro_rules! error_kinds {
    ($($variant:ident $status:literal $name:literal $message:literal;)*) => {
        /// Appwrite's error types.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorKind {
            $(#[doc = $name] $variant,)*
        }

        impl ErrorKind {
            /// The HTTP status.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// The body's `type`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Appwrite's default message for this type.
            #[must_use]
            pub fn message(self) -> &'static str {
                match self { $(Self::$variant => $message,)* }
            }
        }
    };
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

error_kinds! {
    GeneralUnknown 500 "general_unknown" "Server Error";
    GeneralServerError 500 "general_server_error" "An internal server error occurred.";
    GeneralAccessForbidden 401 "general_access_forbidden" "Access to this API is forbidden.";
    GeneralServiceDisabled 403 "general_service_disabled" "The requested service is disabled. You can enable the service from the Appwrite console.";
    GeneralArgumentInvalid 400 "general_argument_invalid" "The request contains one or more invalid arguments. Please refer to the endpoint documentation.";
    GeneralBadRequest 400 "general_bad_request" "There was an error processing your request. Please check the inputs and try again.";
    ProjectIdMissing 403 "project_id_missing" "When using project API key, make sure to pass x-appwrite-project header with your project ID.";
    GeneralQueryInvalid 400 "general_query_invalid" "The query's syntax is invalid. Please check the query and try again.";
    GeneralCursorNotFound 400 "general_cursor_not_found" "The cursor is invalid. This can happen if the item represented by the cursor has been deleted.";
    GeneralRouteNotFound 404 "general_route_not_found" "Route not found. Please ensure the endpoint is configured correctly and that the API route is valid for this SDK version. Refer to the API docs for more details.";
    GeneralUnknownOrigin 403 "general_unknown_origin" "The request originated from an unknown origin. If you trust this domain, please list it as a trusted platform in the Appwrite console.";
    GeneralUnauthorizedScope 401 "general_unauthorized_scope" "The current user or API key does not have the required scopes to access the requested resource.";
    GeneralRateLimitExceeded 429 "general_rate_limit_exceeded" "Rate limit for the current endpoint has been exceeded. Please try again after some time.";
    GeneralSmtpDisabled 503 "general_smtp_disabled" "SMTP is disabled on your Appwrite instance. You can <a href=\"/docs/email-delivery\">learn more about setting up SMTP</a> in our docs.";
    GeneralPhoneDisabled 503 "general_phone_disabled" "Phone provider is not configured. Please check the _APP_SMS_PROVIDER environment variable of your Appwrite server.";
    GeneralNotImplemented 405 "general_not_implemented" "This method was not fully implemented yet. If you believe this is a mistake, please upgrade your Appwrite server version.";
    ProjectNotFound 404 "project_not_found" "Project with the requested ID could not be found. Please check the value of the X-Appwrite-Project header to ensure the correct project ID is being used.";
    ProjectProviderDisabled 412 "project_provider_disabled" "The chosen OAuth provider is disabled. You can enable the OAuth provider using the Appwrite console.";
    ProjectProviderUnsupported 400 "project_provider_unsupported" "The chosen OAuth provider is unsupported. Please check the <a href=\"/docs/client/account?sdk=web-default#accountCreateOAuth2Session\">Create OAuth2 Session docs</a> for the complete list of supported OAuth providers.";
    ProjectInvalidSuccessUrl 400 "project_invalid_success_url" "Invalid redirect URL for OAuth success.";
    ProjectInvalidFailureUrl 400 "project_invalid_failure_url" "Invalid redirect URL for OAuth failure.";
    UserAlreadyExists 409 "user_already_exists" "A user with the same id, email, or phone already exists in this project.";
    UserEmailAlreadyExists 409 "user_email_already_exists" "A user with the same email already exists in the current project.";
    UserPhoneAlreadyExists 409 "user_phone_already_exists" "A user with the same phone number already exists in the current project.";
    UserTargetNotFound 404 "user_target_not_found" "The target could not be found.";
    ProviderNotFound 404 "provider_not_found" "Provider with the requested ID could not be found.";
    GeneralInvalidEmail 400 "general_invalid_email" "Value must be a valid email address.";
    GeneralInvalidPhone 400 "general_invalid_phone" "Value must be a valid phone number. Format this number with a leading '+' and a country code, e.g., +16175551212.";
    UserTargetAlreadyExists 409 "user_target_already_exists" "A target with the same ID already exists.";
    UserBlocked 403 "user_blocked" "The current user has been blocked.";
    UserNotFound 404 "user_not_found" "User with the requested ID could not be found.";
    UserUnauthorized 401 "user_unauthorized" "The current user is not authorized to perform the requested action.";
    UserInvalidCredentials 401 "user_invalid_credentials" "Invalid credentials. Please check the email and password.";
    UserInvalidToken 401 "user_invalid_token" "Invalid token passed in the request.";
    UserInvalidCode 401 "user_invalid_code" "The specified code is not valid. Contact your administrator for more information.";
    UserJwtInvalid 401 "user_jwt_invalid" "The JWT token is invalid. Please check the value of the X-Appwrite-JWT header to ensure the correct token is being used.";
    UserJwtAndCookieSet 403 "user_jwt_and_cookie_set" "JWT and cookie used in the same request. Use either `setJWT` or `setCookie`. Learn about which authentication method to use in the SSR docs: https://appwrite.io/docs/products/auth/server-side-rendering";
    UserJwtCreationDenied 403 "user_jwt_creation_denied" "A JWT cannot be created from a request authorized with a JWT. Authenticate with a session cookie or session header instead.";
    UserApiKeyAndSessionSet 403 "user_api_key_and_session_set" "API key and session used in the same request. Use either `setSession` or `setKey`. Learn about which authentication method to use in the SSR docs: https://appwrite.io/docs/products/auth/server-side-rendering";
    UserSessionAlreadyExists 401 "user_session_already_exists" "Creation of a session is prohibited when a session is active.";
    UserSessionNotFound 404 "user_session_not_found" "The current user session could not be found.";
    UserIdentityNotFound 404 "user_identity_not_found" "The identity could not be found. Please sign in with OAuth provider to create identity first.";
    UserMoreFactorsRequired 401 "user_more_factors_required" "More factors are required to complete the sign in process.";
    UserChallengeRequired 401 "user_challenge_required" "A recently successful challenge is required to complete this action. A challenge is considered recent for 5 minutes.";
    UserReauthenticationRequired 401 "user_reauthentication_required" "A recent sign-in is required to complete this action. Please sign in again.";
    UserPasskeyNotFound 404 "user_passkey_not_found" "The passkey could not be found on the current user.";
    UserPasskeyAlreadyExists 409 "user_passkey_already_exists" "The passkey already exists.";
    UserPasskeyInvalid 401 "user_passkey_invalid" "The passkey could not be verified.";
    UserPasskeyLimitExceeded 400 "user_passkey_limit_exceeded" "The current user has the maximum number of passkeys.";
    UserPasswordPwned 400 "password_pwned" "The password you are trying to use has appeared in a data breach. For your security, please choose a different password and try again.";
    UserAuthMethodUnsupported 501 "user_auth_method_unsupported" "The requested authentication method is either disabled or unsupported. Please check the supported authentication methods in the Appwrite console.";
    UserPasswordPersonalData 400 "password_personal_data" "The password you are trying to use contains references to your name, email, phone or userID. For your security, please choose a different password and try again.";
    UserPasswordResetRequired 412 "user_password_reset_required" "The current user requires a password reset.";
    UserPasswordRecentlyUsed 400 "password_recently_used" "The password you are trying to use is similar to your previous password. For your security, please choose a different password and try again.";
    UserEmailNotFound 400 "user_email_not_found" "User email could not be found.";
    UserEmailNotVerified 400 "user_email_not_verified" "User email is not verified";
    UserEmailAlreadyVerified 409 "user_email_already_verified" "User email is already verified";
    UserPhoneNotFound 400 "user_phone_not_found" "The current user does not have a phone number associated with their account.";
    UserPhoneNotVerified 400 "user_phone_not_verified" "User phone is not verified";
    UserPhoneAlreadyVerified 409 "user_phone_already_verified" "User phone is already verified";
    UserAuthenticatorNotFound 404 "user_authenticator_not_found" "Authenticator could not be found on the current user.";
    UserAuthenticatorAlreadyVerified 409 "user_authenticator_already_verified" "This authenticator is already verified on the current user.";
    UserRecoveryCodesNotFound 404 "user_recovery_codes_not_found" "Recovery codes could not be found on the current user.";
    UserRecoveryCodesAlreadyExists 409 "user_recovery_codes_already_exists" "The current user already generated recovery codes and they can only be read once for security reasons.";
    UserOauth2BadRequest 400 "user_oauth2_bad_request" "OAuth2 provider rejected the bad request.";
    UserOauth2Unauthorized 401 "user_oauth2_unauthorized" "OAuth2 provider rejected the unauthorized request.";
    UserOauth2ProviderFailure 424 "user_oauth2_provider_failure" "The provider couldn't complete sign-in. Please try again.";
    UserOauth2ProviderError 424 "user_oauth2_provider_error" "OAuth2 provider returned some error.";
    UserMissingId 400 "user_missing_id" "Missing ID from OAuth2 provider.";
    TeamNotFound 404 "team_not_found" "Team with the requested ID could not be found.";
    TeamAlreadyExists 409 "team_already_exists" "Team with requested ID already exists. Please choose a different ID and try again.";
    TeamInviteNotFound 404 "team_invite_not_found" "The requested team invitation could not be found.";
    TeamInvalidSecret 401 "team_invalid_secret" "The team invitation secret is invalid. Please request a new invitation and try again.";
    TeamMembershipMismatch 404 "team_membership_mismatch" "The membership ID does not belong to the team ID.";
    TeamInviteMismatch 401 "team_invite_mismatch" "The invite does not belong to the current user.";
    MembershipNotFound 404 "membership_not_found" "Membership with the requested ID could not be found.";
    MembershipAlreadyConfirmed 409 "membership_already_confirmed" "Membership is already confirmed.";
    PresenceNotFound 404 "presence_not_found" "Presence with the requested ID could not be found.";
    PresenceAlreadyExists 409 "presence_already_exists" "Presence with the requested ID already exists. Try again with a different ID or use ID.unique() to generate a unique ID.";
    HealthInvalidHost 404 "health_invalid_host" "Failed to establish a connection to the specified domain. Please verify the domain name and ensure that the server is running and accessible.";
    StorageBucketNotFound 404 "storage_bucket_not_found" "Storage bucket with the requested ID could not be found.";
    StorageBucketAlreadyExists 409 "storage_bucket_already_exists" "A storage bucket with the requested ID already exists. Try again with a different ID or use ID.unique() to generate a unique ID.";
    StorageBucketTransformationsDisabled 403 "storage_bucket_transformations_disabled" "Image transformations are disabled for the requested bucket.";
    StorageFileAlreadyExists 409 "storage_file_already_exists" "A storage file with the requested ID already exists.";
    StorageFileNotFound 404 "storage_file_not_found" "The requested file could not be found.";
    StorageFileEmpty 400 "storage_file_empty" "Empty file passed to the endpoint.";
    StorageFileTypeUnsupported 400 "storage_file_type_unsupported" "The given file extension is not supported.";
    StorageInvalidFileSize 400 "storage_invalid_file_size" "The file size is either not valid or exceeds the maximum allowed size. Please check the file or the value of the _APP_STORAGE_LIMIT environment variable.";
    StorageInvalidContentRange 400 "storage_invalid_content_range" "The content range is invalid. Please check the value of the Content-Range header.";
    StorageInvalidRange 416 "storage_invalid_range" "The requested range is not satisfiable. Please check the value of the Range header.";
    StorageInvalidAppwriteId 400 "storage_invalid_appwrite_id" "The value for x-appwrite-id header is invalid. Please check the value of the x-appwrite-id header is a valid id and not unique().";
    TokenNotFound 404 "token_not_found" "The requested file token could not be found.";
    DatabaseNotFound 404 "database_not_found" "Database not found";
    DatabaseAlreadyExists 409 "database_already_exists" "Database with the requested ID already exists. Try again with a different ID or use ID.unique() to generate a unique ID.";
    TableNotFound 404 "table_not_found" "Table with the requested ID could not be found.";
    TableAlreadyExists 409 "table_already_exists" "A table with the requested ID already exists. Try again with a different ID or use ID.unique() to generate a unique ID.";
    CollectionNotFound 404 "collection_not_found" "Collection with the requested ID could not be found.";
    CollectionAlreadyExists 409 "collection_already_exists" "A collection with the requested ID already exists. Try again with a different ID or use ID.unique() to generate a unique ID.";
    ColumnNotFound 404 "column_not_found" "Column with the requested ID could not be found.";
    ColumnAlreadyExists 409 "column_already_exists" "Column with the requested key already exists. Column keys must be unique, try again with a different key.";
    ColumnDefaultUnsupported 400 "column_default_unsupported" "Default values cannot be set for array or required columns.";
    ColumnUnknown 400 "column_unknown" "The column required for the index could not be found. Please confirm all your columns are in the available state.";
    AttributeNotFound 404 "attribute_not_found" "Attribute with the requested ID could not be found.";
    AttributeAlreadyExists 409 "attribute_already_exists" "Attribute with the requested key already exists. Attribute keys must be unique, try again with a different key.";
    AttributeDefaultUnsupported 400 "attribute_default_unsupported" "Default values cannot be set for array or required attributes.";
    AttributeUnknown 400 "attribute_unknown" "The attribute required for the index could not be found. Please confirm all your attributes are in the available state.";
    IndexAlreadyExists 409 "index_already_exists" "Index with the requested key already exists. Try again with a different key.";
    ColumnTypeInvalid 400 "column_type_invalid" "The column type is invalid.";
    ColumnLimitExceeded 400 "column_limit_exceeded" "The maximum number or size of columns for this table has been reached.";
    AttributeTypeInvalid 400 "attribute_type_invalid" "The attribute type is invalid.";
    AttributeLimitExceeded 400 "attribute_limit_exceeded" "The maximum number or size of attributes for this collection has been reached.";
    ColumnValueInvalid 400 "column_value_invalid" "The column value is invalid. Please check the type, range and value of the column.";
    AttributeValueInvalid 400 "attribute_value_invalid" "The attribute value is invalid. Please check the type, range and value of the attribute.";
    ColumnIndexNotFound 404 "column_index_not_found" "Index with the requested key could not be found.";
    ColumnIndexAlreadyExists 409 "column_index_already_exists" "Index with the requested key already exists. Try again with a different key.";
    ColumnIndexInvalid 400 "column_index_invalid" "Index invalid.";
    IndexInvalid 400 "index_invalid" "Index invalid.";
    DatabaseQueryOrderNull 400 "database_query_order_null" "The order attribute/column had a null value. Cursor pagination requires all documents/rows order attribute/column values are non-null.";
    RelationshipValueInvalid 400 "relationship_value_invalid" "The relationship value is invalid.";
    RowDeleteRestricted 403 "row_delete_restricted" "Row cannot be deleted because it is referenced by another row.";
    DocumentDeleteRestricted 403 "document_delete_restricted" "Document cannot be deleted because it is referenced by another document.";
    RowUpdateConflict 409 "row_update_conflict" "Remote row is newer than local.";
    DocumentUpdateConflict 409 "document_update_conflict" "Remote document is newer than local.";
    RowUniqueConstraintViolation 409 "row_unique_constraint_violation" "Row violates a unique column constraint. Try again with different value(s).";
    DocumentUniqueConstraintViolation 409 "document_unique_constraint_violation" "Document violates a unique attribute constraint. Try again with different value(s).";
    ColumnInvalidResize 400 "column_invalid_resize" "Existing data is too large for new size, truncate your existing data then try again.";
    AttributeInvalidResize 400 "attribute_invalid_resize" "Existing data is too large for new size, truncate your existing data then try again.";
    TransactionNotFound 404 "transaction_not_found" "Transaction with the requested ID could not be found.";
    TransactionNotReady 400 "transaction_not_ready" "The transaction is not ready yet. Please try again later.";
    TransactionExpired 410 "transaction_expired" "The transaction has expired. Please create a new transaction and try again.";
    TransactionConflict 409 "transaction_conflict" "The transaction has a conflict. Please resolve the conflict and try again.";
    TransactionLimitExceeded 400 "transaction_limit_exceeded" "The maximum number of operations per transaction has been exceeded.";
    IndexNotFound 404 "index_not_found" "Index with the requested ID could not be found.";
    RowNotFound 404 "row_not_found" "Row with the requested ID could not be found.";
    RowAlreadyExists 409 "row_already_exists" "Row with the requested ID already exists. Try again with a different ID or use ID.unique() to generate a unique ID.";
    RowInvalidStructure 400 "row_invalid_structure" "The row structure is invalid. Please ensure the columns match the table definition.";
    RowMissingData 400 "row_missing_data" "The row data is missing. Try again with row data populated.";
    RowMissingPayload 400 "row_missing_payload" "The row data and permissions are missing. You must provide either row data or permissions to be updated.";
    DocumentNotFound 404 "document_not_found" "Document with the requested ID could not be found.";
    DocumentAlreadyExists 409 "document_already_exists" "Document with the requested ID already exists. Try again with a different ID or use ID.unique() to generate a unique ID.";
    DocumentInvalidStructure 400 "document_invalid_structure" "The document structure is invalid. Please ensure the attributes match the collection definition.";
    DocumentMissingData 400 "document_missing_data" "The document data is missing. Try again with document data populated";
    DocumentMissingPayload 400 "document_missing_payload" "The document data and permissions are missing. You must provide either document data or permissions to be updated.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_parameter_has_appwrites_message() {
        let error = ApiError::invalid_param("email", "Value must be a valid email address");
        assert_eq!(error.kind.status(), 400);
        assert_eq!(error.kind.name(), "general_argument_invalid");
        assert_eq!(error.message, "Invalid `email` param: Value must be a valid email address");
    }
}
