//! Which deliveries follow from a change: a function of rows, never of a cached flag.

use crate::{
    ConnectorId,
    connection::Life,
    delivery::{Delivery, Priority, Trigger, Wanted},
    provisioner::{Provisioner, Removal},
    user::User,
};

/// What happened to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Created,
    /// Something that is provisioned was edited, or the scope may have moved.
    Edited,
    Deleted,
}

/// A delivery to be wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    pub connector_id: ConnectorId,
    pub wanted: Wanted,
    pub leave: bool,
    pub trigger: Trigger,
    pub priority: Priority,
}

/// `existing` are this user's deliveries: a connector without one has not begun with this user. Where a provisioner
/// is being removed, its sweep alone says what becomes of the accounts.
pub fn plan(user: &User, change: Change, provisioners: &[Provisioner], existing: &[Delivery]) -> Vec<Plan> {
    provisioners
        .iter()
        .filter(|provisioner| provisioner.life == Life::Active)
        .filter_map(|provisioner| {
            let begun = existing.iter().find(|delivery| delivery.connector_id == provisioner.connector_id);
            plan_at(user, change, provisioner, begun)
        })
        .collect()
}

fn plan_at(user: &User, change: Change, provisioner: &Provisioner, begun: Option<&Delivery>) -> Option<Plan> {
    let belongs = provisioner.takes(user.origin, user.excluded);
    let is_there = begun.is_some_and(|delivery| delivery.wanted != Wanted::Absent);
    let (wanted, leave) = match (change, belongs) {
        (Change::Deleted, _) => {
            is_there.then_some(())?;
            gone(provisioner.rules.on_delete)
        }
        (_, true) => (if user.active { Wanted::Present } else { Wanted::Disabled }, false),
        (_, false) => {
            is_there.then_some(())?;
            gone(provisioner.rules.on_leave)
        }
    };
    let (trigger, priority) = match (change, wanted) {
        (Change::Deleted, _) => (Trigger::Delete, Priority::Leaver),
        (Change::Created, _) => (Trigger::Create, Priority::Joiner),
        (Change::Edited, Wanted::Present) => (Trigger::Update, Priority::Edit),
        (Change::Edited, _) => (Trigger::Update, Priority::Leaver),
    };
    Some(Plan { connector_id: provisioner.connector_id, wanted, leave, trigger, priority })
}

/// What a policy wants of an account whose subject no longer belongs.
pub fn gone(policy: Removal) -> (Wanted, bool) {
    match policy {
        Removal::Delete => (Wanted::Absent, false),
        Removal::Disable => (Wanted::Disabled, false),
        Removal::Leave => (Wanted::Absent, true),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        ConnectionId, DeliveryId, ProvisionerId, Timestamp, UserId,
        delivery::State,
        provisioner::Rules,
        user::{Origin, Profile},
    };

    const NOW: Timestamp = Timestamp::from_micros(1);

    fn user(origin: Origin) -> User {
        User {
            id: UserId(Uuid::from_u128(1)),
            user_name: "ada".to_owned(),
            external_id: None,
            active: true,
            locked: false,
            origin,
            excluded: origin == Origin::Setup,
            staged: false,
            role: None,
            profile: Profile::default(),
            version: 1,
            created_at: NOW,
            updated_at: NOW,
        }
    }

    fn provisioner(rules: Rules) -> Provisioner {
        Provisioner {
            id: ProvisionerId(Uuid::from_u128(2)),
            connection_id: ConnectionId(Uuid::from_u128(3)),
            connector_id: ConnectorId(Uuid::from_u128(4)),
            rules,
            life: Life::Active,
            version: 1,
            created_at: NOW,
            updated_at: NOW,
        }
    }

    fn begun(wanted: Wanted) -> Delivery {
        Delivery {
            id: DeliveryId(Uuid::nil()),
            subject: UserId(Uuid::from_u128(1)).into(),
            subject_label: "ada".to_owned(),
            connector_id: ConnectorId(Uuid::from_u128(4)),
            wanted,
            leave: false,
            version: 1,
            delivered_version: 1,
            state: State::Done,
            due_at: NOW,
            priority: Priority::Joiner,
            trigger: Trigger::Create,
            fence: 1,
            tries: 0,
            name_key: None,
            intent: None,
            waits_for: None,
            open_since: NOW,
            created_at: NOW,
            updated_at: NOW,
        }
    }

    fn wanted(user: &User, change: Change, rules: Rules, existing: &[Delivery]) -> Option<(Wanted, bool)> {
        plan(user, change, &[provisioner(rules)], existing).first().map(|plan| (plan.wanted, plan.leave))
    }

    #[test]
    fn jit_users_need_jit_outbound_also_after_edits() {
        let jit = user(Origin::Jit);
        assert_eq!(wanted(&jit, Change::Created, Rules::default(), &[]), None);
        assert_eq!(wanted(&jit, Change::Edited, Rules::default(), &[]), None);
        let rules = Rules { jit_outbound: true, ..Rules::default() };
        assert_eq!(wanted(&jit, Change::Created, rules, &[]), Some((Wanted::Present, false)));
    }

    #[test]
    fn setup_users_are_left_out() {
        assert_eq!(wanted(&user(Origin::Setup), Change::Edited, Rules::default(), &[]), None);
    }

    #[test]
    fn disabled_here_is_disabled_there() {
        let mut ada = user(Origin::Api);
        ada.active = false;
        assert_eq!(
            wanted(&ada, Change::Edited, Rules::default(), &[begun(Wanted::Present)]),
            Some((Wanted::Disabled, false))
        );
    }

    #[test]
    fn a_provisioner_that_is_being_removed_plans_nothing() {
        let removing = [Provisioner { life: Life::Removing, ..provisioner(Rules::default()) }];
        let (ada, there) = (user(Origin::Api), [begun(Wanted::Present)]);
        assert_eq!(plan(&ada, Change::Edited, &removing, &there), []);
        assert_eq!(plan(&ada, Change::Deleted, &removing, &there), []);
    }

    #[test]
    fn deleting_touches_only_where_it_had_begun_and_by_policy() {
        let ada = user(Origin::Api);
        assert_eq!(wanted(&ada, Change::Deleted, Rules::default(), &[]), None);
        let there = [begun(Wanted::Present)];
        assert_eq!(wanted(&ada, Change::Deleted, Rules::default(), &there), Some((Wanted::Absent, false)));
        let disable = Rules { on_delete: Removal::Disable, ..Rules::default() };
        assert_eq!(wanted(&ada, Change::Deleted, disable, &there), Some((Wanted::Disabled, false)));
        let leave = Rules { on_delete: Removal::Leave, ..Rules::default() };
        assert_eq!(wanted(&ada, Change::Deleted, leave, &there), Some((Wanted::Absent, true)));
    }
}
