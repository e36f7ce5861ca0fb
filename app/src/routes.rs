//! The only list of pages: their addresses as a type, and which view each shows.

use domain::{
    AttributeId, ConnectionId, ConnectorId, DeliveryId, DraftId, GroupId, ImportId, ProvisionerId, SchemaId,
    SecondFactorId, TokenId, UserId, mail::Kind, permission::Role,
};
use leptos::prelude::*;
use leptos_router::{
    components::{ParentRoute, Route, Routes},
    hooks::use_location,
    path,
};

use crate::{
    flash::KeptFlash,
    layout::frame::Frame,
    pages::{
        activity::{list::Activity, show::ShowDelivery},
        attributes::{
            attribute::{EditAttribute, NewAttribute},
            delete::{DeleteAttribute, DeleteSchema},
            list::Attributes,
            new::NewSchema,
            show::ShowSchema,
        },
        audit::{
            list::{Logs, UserHistory},
            show::ShowEvent,
        },
        connections::{
            delete::DeleteConnection,
            delete_connector::DeleteConnector,
            general::General,
            list::Connections,
            new_connector::{ChooseKind, Configure, Summarise},
            new_custom_connector::NewCustomConnector,
            outbound::Outbound,
            report::ConnectorReport,
            show::ShowConnection,
            templates::Templates,
        },
        groups::{
            delete::DeleteGroup,
            general::GroupGeneral,
            list::Groups,
            members::{AddMembers, GroupMembers},
            new::NewGroup,
            show::ShowGroup,
        },
        home::show::Home,
        imports::{new::NewImport, show::Imports},
        login_and_registration::LoginAndRegistration,
        mails::Mails,
        not_found::{NoSuchPage, NotFound},
        provisioners::{delete::DeleteProvisioner, edit::EditProvisioner, list::Provisioners, new::NewProvisioner},
        roles::{add::AddRole, list::Roles, remove::RemoveRole},
        search::show::Search,
        settings::{
            about::About,
            appearance::Appearance,
            sessions::MySessions,
            show::Settings,
            tokens::{CreatedToken, NewToken, RevokeToken, Tokens},
        },
        sheets::ShowSheet,
        shortcuts::Shortcuts,
        tour::Tour,
        users::{
            delete::DeleteUser,
            disable::DisableUser,
            explain::ExplainDelivery,
            groups::{AssignGroups, UserGroups},
            list::Users,
            new::{BasicDetails, ChoosePassword, HandOver, SummariseUser},
            password::ResetPassword,
            profile::UserProfile,
            provisioning::UserProvisioning,
            roles::UserRoles,
            selected::{ActOnSelected, NotDone},
            sessions::UserSessions,
            show::ShowUser,
        },
    },
};

/// A place in the console. Links and redirects name one of these, never a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    SignIn,
    ForgotPassword,
    ForgotPasswordSent,
    Register,
    RegisterSent,
    /// My Account: one's own.
    Account,
    EditProfile,
    ChangeAddress,
    ChangePassword,
    /// The second step of a sign-in.
    SecondStep,
    /// One's own second factors, under My Account.
    SecondFactors,
    AddApp,
    AddPasskey,
    RemoveSecondFactor(SecondFactorId),
    /// Shown once.
    RecoveryCodes(DraftId),
    Home,
    Connections,
    /// Choose a template for a new connection.
    ConnectionTemplates,
    NewCustomConnector,
    /// A tile that makes a connection which signs people in.
    NewIdentityProvider(&'static str),
    SignInSettings(ConnectionId),
    /// The same, with what "Test sign-in" found.
    SignInTested(ConnectionId, DraftId),
    SignInAttributes(ConnectionId),
    SignInGroups(ConnectionId),
    JustInTime(ConnectionId),
    /// The tab General.
    Connection(ConnectionId),
    DeleteConnection(ConnectionId),
    OutboundProvisioning(ConnectionId),
    /// Step 1 of the wizard: choose the kind.
    NewConnector(ConnectionId),
    /// Step 2: its configuration.
    ConfigureConnector(ConnectionId, DraftId),
    /// Step 3: what will be made.
    SummariseConnector(ConnectionId, DraftId),
    /// What "Test connection" found.
    ConnectorReport(ConnectionId, DraftId),
    DeleteConnector(ConnectionId, ConnectorId),
    LoginAndRegistration,
    SelfRegistration,
    MultiFactor,
    /// What people change of themselves.
    OwnProfile,
    Provisioners,
    NewProvisioner,
    Provisioner(ProvisionerId),
    DeleteProvisioner(ProvisionerId),
    Users,
    /// Step 1 of the wizard: basic details.
    NewUser,
    /// Step 2: a password now, or a one-time link.
    ChoosePassword(DraftId),
    /// Step 3: what will be made.
    SummariseUser(DraftId),
    /// Many users at once: the list is given.
    NewImport,
    Imports,
    /// An import's preview, progress and result.
    Import(ImportId),
    /// The tab Profile.
    User(UserId),
    /// What to hand over to a new user, or after a reset: shown once.
    HandOver(UserId, DraftId),
    ResetPassword(UserId),
    DisableUser(UserId),
    DeleteUser(UserId),
    UserGroups(UserId),
    AssignGroups(UserId),
    UserSessions(UserId),
    UserProvisioning(UserId),
    ExplainDelivery(UserId, DeliveryId),
    Groups,
    NewGroup,
    /// The tab General.
    Group(GroupId),
    DeleteGroup(GroupId),
    GroupMembers(GroupId),
    AddMembers(GroupId),
    Attributes,
    NewSchema,
    Schema(SchemaId),
    DeleteSchema(SchemaId),
    NewAttribute(SchemaId),
    Attribute(SchemaId, AttributeId),
    DeleteAttribute(SchemaId, AttributeId),
    UserHistory(UserId),
    /// Asks before something is done to users who were selected in the list.
    ActOnSelected(DraftId),
    /// To whom of them it was not done.
    NotDone(DraftId),
    UserRoles(UserId),
    Roles,
    /// Gives a role to somebody who is searched for.
    AddRole(Role),
    /// Takes the role that somebody holds.
    RemoveRole(UserId),
    /// The page at a one-time link, without the link's token.
    SetPassword,
    Activity,
    Mails,
    Delivery(DeliveryId),
    Logs,
    /// By its number.
    Event(i64),
    /// The tab API Tokens.
    Settings,
    NewToken,
    /// The token itself: shown once.
    CreatedToken(DraftId),
    RevokeToken(TokenId),
    MySessions,
    /// The templates of mails.
    MailSettings,
    MailTemplate(Kind),
    Branding,
    Appearance,
    About,
    Search,
    Shortcuts,
    /// In a demo alone.
    Tour,
    #[cfg(feature = "kit")]
    Kit,
    #[cfg(feature = "kit")]
    KitDialog,
    #[cfg(feature = "kit")]
    KitWizard(DraftId),
}

impl Page {
    #[expect(clippy::too_many_lines, reason = "one for each page")]
    pub fn path(&self) -> String {
        match self {
            Self::SignIn => "/sign-in".to_owned(),
            Self::ForgotPassword => "/forgot-password".to_owned(),
            Self::ForgotPasswordSent => "/forgot-password/sent".to_owned(),
            Self::Register => "/register".to_owned(),
            Self::RegisterSent => "/register/sent".to_owned(),
            Self::Account => "/account".to_owned(),
            Self::EditProfile => "/account/profile".to_owned(),
            Self::ChangeAddress => "/account/address".to_owned(),
            Self::ChangePassword => "/account/password".to_owned(),
            Self::SecondStep => "/sign-in/second-factor".to_owned(),
            Self::SecondFactors => "/account/second-factors".to_owned(),
            Self::AddApp => "/account/second-factors/app".to_owned(),
            Self::AddPasskey => "/account/second-factors/passkey".to_owned(),
            Self::RemoveSecondFactor(id) => format!("/account/second-factors/{id}/remove"),
            Self::RecoveryCodes(draft) => format!("/account/second-factors/codes/{draft}"),
            Self::Home => "/console".to_owned(),
            Self::Connections => "/console/connections".to_owned(),
            Self::ConnectionTemplates => "/console/connections/templates".to_owned(),
            Self::NewCustomConnector => "/console/connections/templates/custom-connector".to_owned(),
            Self::NewIdentityProvider(template) => format!("{}/{template}", Self::ConnectionTemplates.path()),
            Self::SignInSettings(id) => format!("/console/connections/{id}/settings"),
            Self::SignInTested(id, draft) => format!("/console/connections/{id}/settings/tested/{draft}"),
            Self::SignInAttributes(id) => format!("/console/connections/{id}/claims"),
            Self::SignInGroups(id) => format!("/console/connections/{id}/groups"),
            Self::JustInTime(id) => format!("/console/connections/{id}/just-in-time-provisioning"),
            Self::Connection(id) => format!("/console/connections/{id}"),
            Self::DeleteConnection(id) => format!("/console/connections/{id}/delete"),
            Self::OutboundProvisioning(id) => format!("/console/connections/{id}/outbound-provisioning"),
            Self::NewConnector(id) => format!("{}/new", Self::OutboundProvisioning(*id).path()),
            Self::ConfigureConnector(id, draft) => format!("{}/{draft}", Self::NewConnector(*id).path()),
            Self::SummariseConnector(id, draft) => format!("{}/{draft}/summary", Self::NewConnector(*id).path()),
            Self::ConnectorReport(id, report) => {
                format!("{}/report/{report}", Self::OutboundProvisioning(*id).path())
            }
            Self::DeleteConnector(id, connector) => {
                format!("{}/{connector}/delete", Self::OutboundProvisioning(*id).path())
            }
            Self::LoginAndRegistration => "/console/login-and-registration".to_owned(),
            Self::SelfRegistration => "/console/self-registration".to_owned(),
            Self::MultiFactor => "/console/multi-factor-authentication".to_owned(),
            Self::OwnProfile => "/console/my-account".to_owned(),
            Self::Provisioners => "/console/outbound-provisioning-settings".to_owned(),
            Self::NewProvisioner => "/console/outbound-provisioning-settings/new".to_owned(),
            Self::Provisioner(id) => format!("/console/outbound-provisioning-settings/{id}"),
            Self::DeleteProvisioner(id) => format!("/console/outbound-provisioning-settings/{id}/delete"),
            Self::Users => "/console/users".to_owned(),
            Self::NewUser => "/console/users/new".to_owned(),
            Self::ChoosePassword(draft) => format!("/console/users/new/{draft}"),
            Self::SummariseUser(draft) => format!("/console/users/new/{draft}/summary"),
            Self::NewImport => "/console/users/imports/new".to_owned(),
            Self::Imports => "/console/users/imports".to_owned(),
            Self::Import(id) => format!("/console/users/imports/{id}"),
            Self::User(id) => format!("/console/users/{id}"),
            Self::HandOver(id, draft) => format!("/console/users/{id}/hand-over/{draft}"),
            Self::ResetPassword(id) => format!("/console/users/{id}/password"),
            Self::DisableUser(id) => format!("/console/users/{id}/disable"),
            Self::DeleteUser(id) => format!("/console/users/{id}/delete"),
            Self::UserGroups(id) => format!("/console/users/{id}/groups"),
            Self::AssignGroups(id) => format!("/console/users/{id}/groups/assign"),
            Self::UserSessions(id) => format!("/console/users/{id}/sessions"),
            Self::UserProvisioning(id) => format!("/console/users/{id}/provisioning"),
            Self::ExplainDelivery(id, delivery) => format!("/console/users/{id}/provisioning/{delivery}"),
            Self::Groups => "/console/groups".to_owned(),
            Self::NewGroup => "/console/groups/new".to_owned(),
            Self::Group(id) => format!("/console/groups/{id}"),
            Self::DeleteGroup(id) => format!("/console/groups/{id}/delete"),
            Self::GroupMembers(id) => format!("/console/groups/{id}/members"),
            Self::AddMembers(id) => format!("/console/groups/{id}/members/add"),
            Self::Attributes => "/console/attributes".to_owned(),
            Self::NewSchema => "/console/attributes/new".to_owned(),
            Self::Schema(id) => format!("/console/attributes/{id}"),
            Self::DeleteSchema(id) => format!("/console/attributes/{id}/delete"),
            Self::NewAttribute(id) => format!("/console/attributes/{id}/new"),
            Self::Attribute(id, attribute) => format!("/console/attributes/{id}/{attribute}"),
            Self::DeleteAttribute(id, attribute) => format!("/console/attributes/{id}/{attribute}/delete"),
            Self::UserHistory(id) => format!("/console/users/{id}/history"),
            Self::ActOnSelected(draft) => format!("/console/users/selected/{draft}"),
            Self::NotDone(draft) => format!("/console/users/selected/{draft}/not-done"),
            Self::UserRoles(id) => format!("/console/users/{id}/roles"),
            Self::Roles => "/console/roles".to_owned(),
            Self::AddRole(role) => format!("/console/roles/{}/add", role.as_str()),
            Self::RemoveRole(id) => format!("/console/roles/{id}/remove"),
            Self::SetPassword => "/set-password".to_owned(),
            Self::Activity => "/console/activity".to_owned(),
            Self::Mails => "/console/activity/mails".to_owned(),
            Self::Delivery(id) => format!("/console/activity/{id}"),
            Self::Logs => "/console/logs".to_owned(),
            Self::Event(number) => format!("/console/logs/{number}"),
            Self::Settings => "/console/settings".to_owned(),
            Self::NewToken => "/console/settings/tokens/new".to_owned(),
            Self::CreatedToken(draft) => format!("/console/settings/tokens/created/{draft}"),
            Self::RevokeToken(id) => format!("/console/settings/tokens/{id}/revoke"),
            Self::MySessions => "/console/settings/sessions".to_owned(),
            Self::MailSettings => "/console/settings/mail".to_owned(),
            Self::MailTemplate(kind) => format!("/console/settings/mail/{}", kind.as_str()),
            Self::Branding => "/console/settings/branding".to_owned(),
            Self::Appearance => "/console/settings/appearance".to_owned(),
            Self::About => "/console/settings/about".to_owned(),
            Self::Search => "/console/search".to_owned(),
            Self::Shortcuts => "/console/shortcuts".to_owned(),
            Self::Tour => "/console/tour".to_owned(),
            #[cfg(feature = "kit")]
            Self::Kit => "/console/-/kit".to_owned(),
            #[cfg(feature = "kit")]
            Self::KitDialog => "/console/-/kit/dialog".to_owned(),
            #[cfg(feature = "kit")]
            Self::KitWizard(draft) => format!("/console/-/kit/wizard/{draft}"),
        }
    }
}

/// All pages are of one type, so that what the router does with a page is compiled once and not for each.
type View = fn() -> AnyView;

macro_rules! page {
    ($component:ident) => {{
        let page: View = || view! { <$component/> }.into_any();
        page
    }};
}

/// What stands over a page while no dialog does.
const NOTHING: View = || ().into_any();

/// Which view each path shows. Pages render in full on the server before anything is sent, so none names an `SsrMode`.
#[component]
pub fn Pages() -> impl IntoView {
    forget_flash_on_navigation();
    view! {
        <Routes fallback=|| view! { <NotFound/> }.into_any()>
            <DoorPages/>
            <ParentRoute path=path!("/console") view=page!(Frame)>
                <Route path=path!("") view=page!(Home)/>
                <Route path=path!("connections") view=page!(Connections)/>
                <ParentRoute path=path!("connections/templates") view=page!(Templates)>
                    <Route path=path!("") view=NOTHING/>
                    <Route path=path!("custom-connector") view=page!(NewCustomConnector)/>
                </ParentRoute>
                <Route path=path!("connections/templates/:template") view=page!(ShowSheet)/>
                <ConnectionPages/>
                <Route
                    path=path!("login-and-registration")
                    view=page!(LoginAndRegistration)
                />
                <Route path=path!("self-registration") view=page!(ShowSheet)/>
                <Route path=path!("multi-factor-authentication") view=page!(ShowSheet)/>
                <Route path=path!("my-account") view=page!(ShowSheet)/>
                <ParentRoute
                    path=path!("outbound-provisioning-settings")
                    view=page!(Provisioners)
                >
                    <Route path=path!("") view=NOTHING/>
                    <Route path=path!("new") view=page!(NewProvisioner)/>
                    <Route path=path!(":id") view=page!(EditProvisioner)/>
                    <Route path=path!(":id/delete") view=page!(DeleteProvisioner)/>
                </ParentRoute>
                <UsersPages/>
                <Route path=path!("users/imports") view=page!(Imports)/>
                <Route path=path!("users/imports/:id") view=page!(Imports)/>
                <UserPages/>
                <GroupsPages/>
                <GroupPages/>
                <SchemasPages/>
                <SchemaPages/>
                <RolesPages/>
                <Route path=path!("activity") view=page!(Activity)/>
                <Route path=path!("activity/mails") view=page!(Mails)/>
                <Route path=path!("activity/:id") view=page!(ShowDelivery)/>
                <Route path=path!("logs") view=page!(Logs)/>
                <Route path=path!("logs/:number") view=page!(ShowEvent)/>
                <SettingsPages/>
                <Route path=path!("search") view=page!(Search)/>
                <Route path=path!("shortcuts") view=page!(Shortcuts)/>
                <Route path=path!("tour") view=page!(Tour)/>
                <KitPages/>
                <Route path=path!("*nothing") view=page!(NoSuchPage)/>
            </ParentRoute>
        </Routes>
    }
}

/// The pages before the console, and My Account. They are HTML alone, so a browser's half of the console knows none of
/// them: a link to one needs `rel="external"`.
#[cfg(feature = "ssr")]
#[component(transparent)]
fn DoorPages() -> impl leptos_router::MatchNestedRoutes + Clone + Send + 'static {
    use crate::pages::{
        account::{
            address::{ChangeAddress, ConfirmAddress},
            password::ChangePassword,
            profile::EditProfile,
            show::MyAccount,
        },
        registration::{
            register::Register,
            sent::{ForgotPasswordSent, RegisterSent},
            verify::Verify,
        },
        second_factor::{
            add_app::AddApp, add_passkey::AddPasskey, codes::RecoveryCodes, list::SecondFactors,
            remove::RemoveSecondFactor, step::SecondStep,
        },
        session::{forgot::ForgotPassword, set_password::SetPassword, sign_in::SignIn, under_way::SignInUnderWay},
    };
    view! {
        <ParentRoute path=path!("") view=page!(Door)>
            <Route path=path!("sign-in") view=page!(SignIn)/>
            <Route path=path!("sign-in/under-way/:token") view=page!(SignInUnderWay)/>
            <Route path=path!("sign-in/second-factor") view=page!(SecondStep)/>
            <Route path=path!("account/second-factors") view=page!(SecondFactors)/>
            <Route path=path!("account/second-factors/app") view=page!(AddApp)/>
            <Route path=path!("account/second-factors/passkey") view=page!(AddPasskey)/>
            <Route path=path!("account/second-factors/codes/:draft") view=page!(RecoveryCodes)/>
            <Route path=path!("account/second-factors/:id/remove") view=page!(RemoveSecondFactor)/>
            <Route path=path!("forgot-password") view=page!(ForgotPassword)/>
            <Route path=path!("forgot-password/sent") view=page!(ForgotPasswordSent)/>
            <Route path=path!("register") view=page!(Register)/>
            <Route path=path!("register/sent") view=page!(RegisterSent)/>
            <Route path=path!("register/verify/:token") view=page!(Verify)/>
            <Route path=path!("set-password/:token") view=page!(SetPassword)/>
            <Route path=path!("account") view=page!(MyAccount)/>
            <Route path=path!("account/profile") view=page!(EditProfile)/>
            <Route path=path!("account/address") view=page!(ChangeAddress)/>
            <Route path=path!("account/address/:token") view=page!(ConfirmAddress)/>
            <Route path=path!("account/password") view=page!(ChangePassword)/>
        </ParentRoute>
    }
    .into_inner()
}

#[cfg(feature = "ssr")]
#[component]
fn Door() -> impl IntoView {
    view! { <leptos_router::components::Outlet/> }
}

#[cfg(not(feature = "ssr"))]
#[component(transparent)]
fn DoorPages() -> impl leptos_router::MatchNestedRoutes + Clone + Send + 'static {
    view! { <Route path=path!("sign-in") view=NOTHING/> }.into_inner()
}

/// Whether a page is HTML alone, in the organization's looks.
#[cfg(feature = "ssr")]
pub fn is_at_the_door(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    matches!(first, "sign-in" | "forgot-password" | "register" | "set-password" | "account")
}

/// Whether what is done at a path takes somebody who signed in a moment ago.
#[cfg(feature = "ssr")]
pub fn takes_a_new_sign_in(path: &str) -> bool {
    [Page::SecondFactors, Page::ChangeAddress].iter().any(|page| is_within(path, page))
}

/// Whether a path is a page's, or below it.
#[cfg(feature = "ssr")]
pub fn is_within(path: &str, page: &Page) -> bool {
    path.strip_prefix(&page.path()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// One connection: its tabs, and the dialogs over each.
#[component(transparent)]
fn ConnectionPages() -> impl leptos_router::MatchNestedRoutes + Clone + Send + 'static {
    view! {
        <ParentRoute path=path!("connections/:id") view=page!(ShowConnection)>
            <ParentRoute path=path!("outbound-provisioning") view=page!(Outbound)>
                <Route path=path!("") view=NOTHING/>
                <Route path=path!("new") view=page!(ChooseKind)/>
                <Route path=path!("new/:draft") view=page!(Configure)/>
                <Route path=path!("new/:draft/summary") view=page!(Summarise)/>
                <Route path=path!("report/:report") view=page!(ConnectorReport)/>
                <Route path=path!(":connector/delete") view=page!(DeleteConnector)/>
            </ParentRoute>
            <Route path=path!("settings") view=page!(ShowSheet)/>
            <Route path=path!("settings/tested/:draft") view=page!(ShowSheet)/>
            <Route path=path!("claims") view=page!(ShowSheet)/>
            <Route path=path!("groups") view=page!(ShowSheet)/>
            <Route path=path!("just-in-time-provisioning") view=page!(ShowSheet)/>
            <ParentRoute path=path!("") view=page!(General)>
                <Route path=path!("") view=NOTHING/>
                <Route path=path!("delete") view=page!(DeleteConnection)/>
            </ParentRoute>
        </ParentRoute>
    }
    .into_inner()
}

/// The list of users, and what adds one or many.
#[component(transparent)]
fn UsersPages() -> impl leptos_router::MatchNestedRoutes + Clone + Send + 'static {
    view! {
        <ParentRoute path=path!("users") view=page!(Users)>
            <Route path=path!("") view=NOTHING/>
            <Route path=path!("new") view=page!(BasicDetails)/>
            <Route path=path!("new/:draft") view=page!(ChoosePassword)/>
            <Route path=path!("new/:draft/summary") view=page!(SummariseUser)/>
            <Route path=path!("imports/new") view=page!(NewImport)/>
            <Route path=path!("selected/:draft") view=page!(ActOnSelected)/>
            <Route path=path!("selected/:draft/not-done") view=page!(NotDone)/>
        </ParentRoute>
    }
    .into_inner()
}

/// One user: the tabs, and the dialogs over each.
#[component(transparent)]
fn UserPages() -> impl leptos_router::MatchNestedRoutes + Clone + Send + 'static {
    view! {
        <ParentRoute path=path!("users/:id") view=page!(ShowUser)>
            <ParentRoute path=path!("groups") view=page!(UserGroups)>
                <Route path=path!("") view=NOTHING/>
                <Route path=path!("assign") view=page!(AssignGroups)/>
            </ParentRoute>
            <Route path=path!("roles") view=page!(UserRoles)/>
            <Route path=path!("sessions") view=page!(UserSessions)/>
            <Route path=path!("history") view=page!(UserHistory)/>
            <ParentRoute path=path!("provisioning") view=page!(UserProvisioning)>
                <Route path=path!("") view=NOTHING/>
                <Route path=path!(":delivery") view=page!(ExplainDelivery)/>
            </ParentRoute>
            <ParentRoute path=path!("") view=page!(UserProfile)>
                <Route path=path!("") view=NOTHING/>
                <Route path=path!("hand-over/:draft") view=page!(HandOver)/>
                <Route path=path!("password") view=page!(ResetPassword)/>
                <Route path=path!("disable") view=page!(DisableUser)/>
                <Route path=path!("delete") view=page!(DeleteUser)/>
            </ParentRoute>
        </ParentRoute>
    }
    .into_inner()
}

/// The list of schemas, and the dialog that adds one.
#[component(transparent)]
fn SchemasPages() -> impl leptos_router::MatchNestedRoutes + Clone + Send + 'static {
    view! {
        <ParentRoute path=path!("attributes") view=page!(Attributes)>
            <Route path=path!("") view=NOTHING/>
            <Route path=path!("new") view=page!(NewSchema)/>
        </ParentRoute>
    }
    .into_inner()
}

/// The list of groups, and the dialog that makes one.
#[component(transparent)]
fn GroupsPages() -> impl leptos_router::MatchNestedRoutes + Clone + Send + 'static {
    view! {
        <ParentRoute path=path!("groups") view=page!(Groups)>
            <Route path=path!("") view=NOTHING/>
            <Route path=path!("new") view=page!(NewGroup)/>
        </ParentRoute>
    }
    .into_inner()
}

/// One schema, and the dialogs over it.
#[component(transparent)]
fn SchemaPages() -> impl leptos_router::MatchNestedRoutes + Clone + Send + 'static {
    view! {
        <ParentRoute path=path!("attributes/:id") view=page!(ShowSchema)>
            <Route path=path!("") view=NOTHING/>
            <Route path=path!("delete") view=page!(DeleteSchema)/>
            <Route path=path!("new") view=page!(NewAttribute)/>
            <Route path=path!(":attribute") view=page!(EditAttribute)/>
            <Route path=path!(":attribute/delete") view=page!(DeleteAttribute)/>
        </ParentRoute>
    }
    .into_inner()
}

/// One group: the tabs, and the dialogs over each.
#[component(transparent)]
fn GroupPages() -> impl leptos_router::MatchNestedRoutes + Clone + Send + 'static {
    view! {
        <ParentRoute path=path!("groups/:id") view=page!(ShowGroup)>
            <ParentRoute path=path!("members") view=page!(GroupMembers)>
                <Route path=path!("") view=NOTHING/>
                <Route path=path!("add") view=page!(AddMembers)/>
            </ParentRoute>
            <ParentRoute path=path!("") view=page!(GroupGeneral)>
                <Route path=path!("") view=NOTHING/>
                <Route path=path!("delete") view=page!(DeleteGroup)/>
            </ParentRoute>
        </ParentRoute>
    }
    .into_inner()
}

/// The roles, and the dialogs that give and take them.
#[component(transparent)]
fn RolesPages() -> impl leptos_router::MatchNestedRoutes + Clone + Send + 'static {
    view! {
        <ParentRoute path=path!("roles") view=page!(Roles)>
            <Route path=path!("") view=NOTHING/>
            <Route path=path!(":role/add") view=page!(AddRole)/>
            <Route path=path!(":id/remove") view=page!(RemoveRole)/>
        </ParentRoute>
    }
    .into_inner()
}

#[component(transparent)]
fn SettingsPages() -> impl leptos_router::MatchNestedRoutes + Clone + Send + 'static {
    view! {
        <ParentRoute path=path!("settings") view=page!(Settings)>
            <Route path=path!("sessions") view=page!(MySessions)/>
            <Route path=path!("mail") view=page!(ShowSheet)/>
            <Route path=path!("mail/:kind") view=page!(ShowSheet)/>
            <Route path=path!("branding") view=page!(ShowSheet)/>
            <Route path=path!("appearance") view=page!(Appearance)/>
            <Route path=path!("about") view=page!(About)/>
            <ParentRoute path=path!("") view=page!(Tokens)>
                <Route path=path!("") view=NOTHING/>
                <Route path=path!("tokens/new") view=page!(NewToken)/>
                <Route path=path!("tokens/created/:draft") view=page!(CreatedToken)/>
                <Route path=path!("tokens/:id/revoke") view=page!(RevokeToken)/>
            </ParentRoute>
        </ParentRoute>
    }
    .into_inner()
}

/// The page that shows every primitive, in development builds.
#[cfg(feature = "kit")]
#[component(transparent)]
fn KitPages() -> impl leptos_router::MatchNestedRoutes + Clone + Send + 'static {
    use crate::pages::kit::{KitDialog, KitPage, KitWizard};
    view! {
        <ParentRoute path=path!("-/kit") view=page!(KitPage)>
            <Route path=path!("") view=NOTHING/>
            <Route path=path!("dialog") view=page!(KitDialog)/>
            <Route path=path!("wizard/:draft") view=page!(KitWizard)/>
        </ParentRoute>
    }
    .into_inner()
}

#[cfg(not(feature = "kit"))]
#[component(transparent)]
fn KitPages() -> impl leptos_router::MatchNestedRoutes + Clone + Send + 'static {
    view! { <Route path=path!("-/kit") view=page!(NotFound)/> }.into_inner()
}

/// What the loaded page brought along belongs to that page alone.
fn forget_flash_on_navigation() {
    let kept = expect_context::<KeptFlash>();
    let location = use_location();
    Effect::new(move |before: Option<()>| {
        location.pathname.track();
        location.search.track();
        if before.is_some() {
            kept.forget();
        }
    });
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[expect(clippy::too_many_lines, reason = "one for each page")]
    #[test]
    fn every_path_is_local_and_free_of_surprises() {
        let id = ConnectionId(Uuid::from_u128(1));
        let pages = [
            Page::SignIn,
            Page::Account,
            Page::EditProfile,
            Page::ChangeAddress,
            Page::ChangePassword,
            Page::SecondStep,
            Page::SecondFactors,
            Page::AddApp,
            Page::AddPasskey,
            Page::RemoveSecondFactor(SecondFactorId(Uuid::from_u128(5))),
            Page::RecoveryCodes(DraftId(Uuid::from_u128(2))),
            Page::Home,
            Page::Connections,
            Page::ConnectionTemplates,
            Page::NewCustomConnector,
            Page::Connection(id),
            Page::DeleteConnection(id),
            Page::OutboundProvisioning(id),
            Page::NewConnector(id),
            Page::ConfigureConnector(id, DraftId(Uuid::from_u128(2))),
            Page::SummariseConnector(id, DraftId(Uuid::from_u128(2))),
            Page::ConnectorReport(id, DraftId(Uuid::from_u128(2))),
            Page::DeleteConnector(id, ConnectorId(Uuid::from_u128(3))),
            Page::LoginAndRegistration,
            Page::Provisioners,
            Page::NewProvisioner,
            Page::Provisioner(ProvisionerId(Uuid::from_u128(4))),
            Page::DeleteProvisioner(ProvisionerId(Uuid::from_u128(4))),
            Page::Users,
            Page::NewUser,
            Page::ChoosePassword(DraftId(Uuid::from_u128(2))),
            Page::SummariseUser(DraftId(Uuid::from_u128(2))),
            Page::NewImport,
            Page::Imports,
            Page::Import(ImportId(Uuid::from_u128(8))),
            Page::User(UserId(Uuid::from_u128(5))),
            Page::HandOver(UserId(Uuid::from_u128(5)), DraftId(Uuid::from_u128(2))),
            Page::ResetPassword(UserId(Uuid::from_u128(5))),
            Page::DisableUser(UserId(Uuid::from_u128(5))),
            Page::DeleteUser(UserId(Uuid::from_u128(5))),
            Page::UserGroups(UserId(Uuid::from_u128(5))),
            Page::AssignGroups(UserId(Uuid::from_u128(5))),
            Page::UserSessions(UserId(Uuid::from_u128(5))),
            Page::UserProvisioning(UserId(Uuid::from_u128(5))),
            Page::ExplainDelivery(UserId(Uuid::from_u128(5)), DeliveryId(Uuid::from_u128(6))),
            Page::Groups,
            Page::NewGroup,
            Page::Group(GroupId(Uuid::from_u128(8))),
            Page::DeleteGroup(GroupId(Uuid::from_u128(8))),
            Page::GroupMembers(GroupId(Uuid::from_u128(8))),
            Page::AddMembers(GroupId(Uuid::from_u128(8))),
            Page::Attributes,
            Page::NewSchema,
            Page::Schema(SchemaId(Uuid::from_u128(9))),
            Page::DeleteSchema(SchemaId(Uuid::from_u128(9))),
            Page::NewAttribute(SchemaId(Uuid::from_u128(9))),
            Page::Attribute(SchemaId(Uuid::from_u128(9)), AttributeId(Uuid::from_u128(10))),
            Page::DeleteAttribute(SchemaId(Uuid::from_u128(9)), AttributeId(Uuid::from_u128(10))),
            Page::UserHistory(UserId(Uuid::from_u128(5))),
            Page::ActOnSelected(DraftId(Uuid::from_u128(2))),
            Page::NotDone(DraftId(Uuid::from_u128(2))),
            Page::UserRoles(UserId(Uuid::from_u128(5))),
            Page::Roles,
            Page::AddRole(Role::Operator),
            Page::RemoveRole(UserId(Uuid::from_u128(5))),
            Page::SetPassword,
            Page::Activity,
            Page::Delivery(DeliveryId(Uuid::from_u128(6))),
            Page::Logs,
            Page::Event(11),
            Page::Settings,
            Page::NewToken,
            Page::CreatedToken(DraftId(Uuid::from_u128(2))),
            Page::RevokeToken(TokenId(Uuid::from_u128(7))),
            Page::MySessions,
            Page::Appearance,
            Page::About,
            Page::Search,
            Page::Shortcuts,
            Page::Tour,
            Page::ForgotPassword,
            Page::ForgotPasswordSent,
            Page::Register,
            Page::RegisterSent,
            Page::SelfRegistration,
            Page::MultiFactor,
            Page::OwnProfile,
            Page::MailSettings,
            Page::MailTemplate(Kind::Invitation),
            Page::Branding,
            Page::NewIdentityProvider("google"),
            Page::SignInSettings(id),
            Page::SignInTested(id, DraftId(Uuid::from_u128(2))),
            Page::SignInAttributes(id),
            Page::SignInGroups(id),
            Page::JustInTime(id),
            Page::Mails,
        ];
        for page in pages {
            let path = page.path();
            assert!(path.starts_with('/') && !path.starts_with("//") && path.is_ascii(), "{path}");
        }
    }
}
