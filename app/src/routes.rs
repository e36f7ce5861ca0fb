//! The only list of pages: their addresses as a type, and which view each shows.

use domain::{ConnectionId, ConnectorId, DraftId, ProvisionerId};
use leptos::prelude::*;
use leptos_router::{
    MatchNestedRoutes,
    components::{ParentRoute, Route, Routes},
    hooks::use_location,
    path,
};

use crate::{
    flash::KeptFlash,
    layout::frame::Frame,
    pages::{
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
        home::Home,
        login_and_registration::LoginAndRegistration,
        not_found::{NoSuchPage, NotFound},
        provisioners::{delete::DeleteProvisioner, edit::EditProvisioner, list::Provisioners, new::NewProvisioner},
        session::sign_in::SignIn,
    },
};

/// A place in the console. Links and redirects name one of these, never a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    SignIn,
    Home,
    Connections,
    /// Choose a template for a new connection.
    ConnectionTemplates,
    NewCustomConnector,
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
    Provisioners,
    NewProvisioner,
    Provisioner(ProvisionerId),
    DeleteProvisioner(ProvisionerId),
    #[cfg(feature = "kit")]
    Kit,
    #[cfg(feature = "kit")]
    KitDialog,
    #[cfg(feature = "kit")]
    KitWizard(DraftId),
}

impl Page {
    pub fn path(&self) -> String {
        match self {
            Self::SignIn => "/sign-in".to_owned(),
            Self::Home => "/console".to_owned(),
            Self::Connections => "/console/connections".to_owned(),
            Self::ConnectionTemplates => "/console/connections/templates".to_owned(),
            Self::NewCustomConnector => "/console/connections/templates/custom-connector".to_owned(),
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
            Self::Provisioners => "/console/outbound-provisioning-settings".to_owned(),
            Self::NewProvisioner => "/console/outbound-provisioning-settings/new".to_owned(),
            Self::Provisioner(id) => format!("/console/outbound-provisioning-settings/{id}"),
            Self::DeleteProvisioner(id) => format!("/console/outbound-provisioning-settings/{id}/delete"),
            #[cfg(feature = "kit")]
            Self::Kit => "/console/-/kit".to_owned(),
            #[cfg(feature = "kit")]
            Self::KitDialog => "/console/-/kit/dialog".to_owned(),
            #[cfg(feature = "kit")]
            Self::KitWizard(draft) => format!("/console/-/kit/wizard/{draft}"),
        }
    }
}

/// Which view each path shows. Pages render in full on the server before anything is sent, so none names an `SsrMode`.
#[component]
pub fn Pages() -> impl IntoView {
    forget_flash_on_navigation();
    view! {
        <Routes fallback=|| view! { <NotFound/> }.into_any()>
            <Route path=path!("/sign-in") view=|| view! { <SignIn/> }.into_any()/>
            <ParentRoute path=path!("/console") view=|| view! { <Frame/> }.into_any()>
                <Route path=path!("") view=|| view! { <Home/> }.into_any()/>
                <Route path=path!("connections") view=|| view! { <Connections/> }.into_any()/>
                <ParentRoute path=path!("connections/templates") view=|| view! { <Templates/> }.into_any()>
                    <Route path=path!("") view=|| ().into_any()/>
                    <Route path=path!("custom-connector") view=|| view! { <NewCustomConnector/> }.into_any()/>
                </ParentRoute>
                <ConnectionPages/>
                <Route
                    path=path!("login-and-registration")
                    view=|| view! { <LoginAndRegistration/> }.into_any()
                />
                <ParentRoute
                    path=path!("outbound-provisioning-settings")
                    view=|| view! { <Provisioners/> }.into_any()
                >
                    <Route path=path!("") view=|| ().into_any()/>
                    <Route path=path!("new") view=|| view! { <NewProvisioner/> }.into_any()/>
                    <Route path=path!(":id") view=|| view! { <EditProvisioner/> }.into_any()/>
                    <Route path=path!(":id/delete") view=|| view! { <DeleteProvisioner/> }.into_any()/>
                </ParentRoute>
                <KitPages/>
                <Route path=path!("*nothing") view=|| view! { <NoSuchPage/> }.into_any()/>
            </ParentRoute>
        </Routes>
    }
}

/// One connection: its tabs, and the dialogs over each.
#[component(transparent)]
fn ConnectionPages() -> impl MatchNestedRoutes + Clone + Send + 'static {
    view! {
        <ParentRoute path=path!("connections/:id") view=|| view! { <ShowConnection/> }.into_any()>
            <ParentRoute path=path!("outbound-provisioning") view=|| view! { <Outbound/> }.into_any()>
                <Route path=path!("") view=|| ().into_any()/>
                <Route path=path!("new") view=|| view! { <ChooseKind/> }.into_any()/>
                <Route path=path!("new/:draft") view=|| view! { <Configure/> }.into_any()/>
                <Route path=path!("new/:draft/summary") view=|| view! { <Summarise/> }.into_any()/>
                <Route path=path!("report/:report") view=|| view! { <ConnectorReport/> }.into_any()/>
                <Route path=path!(":connector/delete") view=|| view! { <DeleteConnector/> }.into_any()/>
            </ParentRoute>
            <ParentRoute path=path!("") view=|| view! { <General/> }.into_any()>
                <Route path=path!("") view=|| ().into_any()/>
                <Route path=path!("delete") view=|| view! { <DeleteConnection/> }.into_any()/>
            </ParentRoute>
        </ParentRoute>
    }
    .into_inner()
}

/// The page that shows every primitive, in development builds.
#[cfg(feature = "kit")]
#[component(transparent)]
fn KitPages() -> impl MatchNestedRoutes + Clone + Send + 'static {
    use crate::pages::kit::{KitDialog, KitPage, KitWizard};
    view! {
        <ParentRoute path=path!("-/kit") view=|| view! { <KitPage/> }.into_any()>
            <Route path=path!("") view=|| ().into_any()/>
            <Route path=path!("dialog") view=|| view! { <KitDialog/> }.into_any()/>
            <Route path=path!("wizard/:draft") view=|| view! { <KitWizard/> }.into_any()/>
        </ParentRoute>
    }
    .into_inner()
}

#[cfg(not(feature = "kit"))]
#[component(transparent)]
fn KitPages() -> impl MatchNestedRoutes + Clone + Send + 'static {
    view! { <Route path=path!("-/kit") view=|| view! { <NotFound/> }.into_any()/> }.into_inner()
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

    #[test]
    fn every_path_is_local_and_free_of_surprises() {
        let id = ConnectionId(Uuid::from_u128(1));
        let pages = [
            Page::SignIn,
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
        ];
        for page in pages {
            let path = page.path();
            assert!(path.starts_with('/') && !path.starts_with("//") && path.is_ascii(), "{path}");
        }
    }
}
