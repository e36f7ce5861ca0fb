//! What large identity providers send although the RFC says otherwise, as they send it.

use serde_json::{Value, json};

use crate::support::{TestApp, USER_SCHEMA};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

impl TestApp {
    /// A person of one provider, by the answer to its POST.
    async fn provided(&self, endpoint: &str, document: &Value) -> (String, Value) {
        let answer = self
            .post(format!("/scim2/{endpoint}"))
            .token(&self.tokens.scim)
            .body("application/scim+json; charset=utf-8", document.to_string())
            .send()
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let made = answer.json();
        (format!("/scim2/{endpoint}/{}", made["id"].as_str().unwrap()), made)
    }

    async fn sent(&self, path: &str, operations: Value) -> Value {
        let body = json!({"schemas": [PATCH_OP], "Operations": operations});
        let answer = self.patch(path).token(&self.tokens.scim).scim(&body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text());
        answer.json()
    }

    async fn asked(&self, path: &str) -> Value {
        let answer = self.get(path).token(&self.tokens.scim_read).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }
}

#[tokio::test]
async fn one_looks_people_up_first_and_changes_them_attribute_by_attribute() {
    let app = TestApp::start().await;
    // Tests its connection so: nobody is found, and that is no error.
    let nobody = app.asked("/scim2/Users?filter=userName+eq+%22a2c40a2e-9a2e-4d1c%22").await;
    assert_eq!((&nobody["totalResults"], &nobody["Resources"]), (&json!(0), &json!([])));
    let (path, _) = app
        .provided(
            "Users",
            &json!({
                "schemas": [USER_SCHEMA, ENTERPRISE],
                "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
                "userName": "Test_User_ab6490ee-1e48-479e-a20b-2d77186b5dd1",
                "active": true,
                "emails": [{"primary": true, "type": "work", "value": "Test_User_fd0ea19b@testuser.com"}],
                "meta": {"resourceType": "User"},
                "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"},
                "roles": [],
            }),
        )
        .await;
    let user = app
        .sent(
            &path,
            json!([
                {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "updatedEmail@microsoft.com"},
                {"op": "Replace", "path": "name.familyName", "value": "updatedFamilyName"},
                {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+1 555 0100"},
                {"op": "Add", "path": "roles[primary eq \"True\"].value", "value": "admin"},
                {"op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Research"},
                {"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": [
                    {"$ref": "http://example.com/scim/Users/08e1d05d", "value": "08e1d05d-121c-4561-8b96-473d93df9210"},
                ]},
            ]),
        )
        .await;
    assert_eq!(user["emails"][0]["value"], "updatedEmail@microsoft.com");
    assert_eq!(user["emails"].as_array().unwrap().len(), 1);
    assert_eq!(user["name"]["familyName"], "updatedFamilyName");
    assert_eq!(user["phoneNumbers"][0], json!({"type": "mobile", "value": "+1 555 0100", "primary": false}));
    assert_eq!(user["roles"], json!([{"primary": true, "value": "admin"}]));
    assert_eq!(user[ENTERPRISE]["department"], "Research");
    assert_eq!(user[ENTERPRISE]["manager"]["value"], "08e1d05d-121c-4561-8b96-473d93df9210");
    let user = app.sent(&path, json!([{"op": "Replace", "path": "active", "value": "False"}])).await;
    assert_eq!(user["active"], false);
    let user = app.sent(&path, json!([{"op": "Remove", "path": format!("{ENTERPRISE}:manager")}])).await;
    assert_eq!(user[ENTERPRISE].get("manager"), None);
}

#[tokio::test]
async fn one_puts_many_attributes_into_one_operation_with_dotted_keys() {
    let app = TestApp::start().await;
    let (path, _) = app.provided("Users", &json!({"schemas": [USER_SCHEMA], "userName": "ada"})).await;
    let user = app
        .sent(
            &path,
            json!([{"op": "replace", "value": {
                "active": "True",
                "displayName": "Ada Lovelace",
                "name.givenName": "Ada",
                "name.familyName": "Lovelace",
                "emails[type eq \"work\"].value": "ada@example.org",
                format!("{ENTERPRISE}:employeeNumber"): "1815",
            }}]),
        )
        .await;
    assert_eq!(user["name"], json!({"givenName": "Ada", "familyName": "Lovelace"}));
    assert_eq!(user["emails"], json!([{"type": "work", "value": "ada@example.org", "primary": false}]), "it is made");
    assert_eq!((&user["active"], &user[ENTERPRISE]["employeeNumber"]), (&json!(true), &json!("1815")));
}

#[tokio::test]
async fn one_keeps_groups_by_reading_them_without_members() {
    let app = TestApp::start().await;
    let (_, ada) = app.provided("Users", &json!({"schemas": [USER_SCHEMA], "userName": "ada"})).await;
    let (_, bea) = app.provided("Users", &json!({"schemas": [USER_SCHEMA], "userName": "bea"})).await;
    let (ada, bea) = (ada["id"].as_str().unwrap(), bea["id"].as_str().unwrap());
    let (path, made) = app
        .provided(
            "Groups",
            &json!({
                "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
                "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
                "displayName": "displayName",
                "meta": {"resourceType": "Group"},
            }),
        )
        .await;
    let id = made["id"].as_str().unwrap();
    let bare = app.asked(&format!("{path}?excludedAttributes=members")).await;
    assert_eq!((bare.get("members"), &bare["displayName"]), (None, &json!("displayName")));
    let found = "/scim2/Groups?excludedAttributes=members&filter=displayName+eq+%22DISPLAYNAME%22";
    assert_eq!(app.asked(found).await["Resources"], json!([bare]));
    let group = app
        .sent(&path, json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": ada}, {"value": bea}]}]))
        .await;
    assert_eq!(group["members"].as_array().unwrap().len(), 2);
    // Asks whether somebody is in it.
    let asked = |user: &str| format!("/scim2/Groups?filter=id+eq+%22{id}%22+and+members+eq+%22{user}%22");
    assert_eq!(app.asked(&asked(ada)).await["totalResults"], 1);
    let group =
        app.sent(&path, json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": ada}]}])).await;
    assert_eq!(group["members"].as_array().unwrap().len(), 1);
    assert_eq!(app.asked(&asked(ada)).await["totalResults"], 0);
    // Renames with the id beside the name.
    let renamed = app.sent(&path, json!([{"op": "Replace", "value": {"id": id, "displayName": "renamed"}}])).await;
    assert_eq!(renamed["displayName"], "renamed");
}

#[tokio::test]
async fn one_switches_people_off_by_put_or_by_an_object() {
    let app = TestApp::start().await;
    let (path, mut user) = app
        .provided(
            "Users",
            &json!({
                "schemas": [USER_SCHEMA],
                "userName": "test.user@okta.local",
                "name": {"givenName": "Test", "familyName": "User"},
                "emails": [{"primary": true, "value": "test.user@okta.local", "type": "work"}],
                "displayName": "Test User",
                "locale": "en-US",
                "externalId": "00ujl29u0le5T6Aj10h7",
                "groups": [],
                "password": "1mz050nqjf-long-enough",
                "active": true,
            }),
        )
        .await;
    let off = app.sent(&path, json!([{"op": "replace", "value": {"active": false}}])).await;
    assert_eq!(off["active"], false);
    // The whole is read, changed and put back, with what is read-only.
    user["active"] = json!(true);
    user["name"]["middleName"] = json!("Excited");
    let answer = app.put(&path).token(&app.tokens.scim).scim(&user).await;
    assert_eq!((answer.status, &answer.json()["name"]["middleName"]), (200, &json!("Excited")));
    assert_eq!(answer.json()["active"], true);
    let first = app.asked("/scim2/Users?startIndex=1&count=100").await;
    assert_eq!(
        (&first["totalResults"], &first["startIndex"], &first["itemsPerPage"]),
        (&json!(1), &json!(1), &json!(1))
    );
}
