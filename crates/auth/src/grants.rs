//! One type per permission, so that a proof of one cannot be passed for another.

use domain::permission::Permission;

pub trait Grant: Send + Sync + 'static {
    const PERMISSION: Permission;
}

macro_rules! grants {
    ($($name:ident),+ $(,)?) => {$(
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl Grant for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )+};
}

grants! {
    AttemptsBodies,
    AuditRead,
    ConnectionsRead,
    ConnectionsWrite,
    DeliveriesAct,
    DeliveriesRead,
    MetricsRead,
    OwnAccount,
    OwnFactors,
    OwnSessions,
    ProvisionersRead,
    ProvisionersWrite,
    SchemasRead,
    SchemasWrite,
    SecondStep,
    RolesWrite,
    SettingsRead,
    SettingsWrite,
    TokensRead,
    TokensWrite,
    UsersRead,
    UsersWrite,
}
