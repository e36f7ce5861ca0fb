use http::Method;

use crate::support::{Client, html, inbox, page};

#[tokio::test]
async fn mails_are_listed_the_newest_first_and_shown() {
    let inbox = inbox().await;
    assert!(!inbox.was_opened());
    assert!(html(&inbox, "/").await.contains("No mails yet"));
    assert!(inbox.was_opened());
    let mut client = Client::greeted(&inbox).await;
    client.deliver("freya@globex.example", "Subject: First\n\nx").await;
    client
        .deliver("omar@globex.example", "Subject: Second\n\nPress http://127.0.0.1:8080/verify?a=1&b=2, please")
        .await;
    let list = html(&inbox, "/").await;
    assert!(list.contains("2 mails") && list.contains("freya@globex.example"), "{list}");
    assert!(list.find("Second") < list.find("First"));
    let one = html(&inbox, "/mails/2").await;
    let link = "<a href=\"http://127.0.0.1:8080/verify?a=1&amp;b=2\" rel=\"noreferrer\">";
    assert!(one.contains(link) && one.contains("Subject: Second"), "{one}");
    assert_eq!(page(&inbox, Method::GET, "/mails/3", &[]).await.status, 404);
    assert_eq!(page(&inbox, Method::GET, "/mails/x", &[]).await.status, 400);
}

#[tokio::test]
async fn a_hostile_mail_stays_text() {
    let inbox = inbox().await;
    let content = "Subject: <script>alert('s')</script>\nX-\"<b>: <i>h</i>\nContent-Type: text/html\n\n\
                   <p>http://a.example/\"onclick='x' javascript:alert(1)<script>alert(2)</script> &lt;u&gt;</p>";
    Client::greeted(&inbox).await.deliver("\"b\"@d", "Subject: x\n\nx").await;
    Client::greeted(&inbox).await.deliver("a'\"&@d", content).await;
    for path in ["/", "/mails/1", "/mails/2"] {
        let html = html(&inbox, path).await;
        for markup in ["<script>", "<i>", "<b>", "<u>", "onclick='", "href=\"javascript"] {
            assert!(!html.contains(markup), "{markup} in {html}");
        }
    }
    assert!(html(&inbox, "/mails/2").await.contains("&lt;script&gt;alert(&#39;s&#39;)"));
}

#[tokio::test]
async fn it_allows_nothing_from_elsewhere() {
    let inbox = inbox().await;
    let answer = page(&inbox, Method::GET, "/", &[]).await;
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    for path in ["/", "/page.css", "/changes?after=9"] {
        assert_eq!(page(&inbox, Method::GET, path, &[("host", "evil.example")]).await.status, 403);
    }
    Client::greeted(&inbox).await.deliver("c@d", "Subject: x\n\nx").await;
    assert_eq!(page(&inbox, Method::POST, "/empty", &[]).await.status, 403);
    assert_eq!(page(&inbox, Method::POST, "/empty", &[("origin", "http://evil.example")]).await.status, 403);
    assert_eq!(inbox.messages().len(), 1);
    assert_eq!(page(&inbox, Method::POST, "/empty", &[("origin", &inbox.page_url())]).await.status, 303);
    assert!(inbox.messages().is_empty());
}

#[tokio::test]
async fn its_script_is_told_of_a_mail() {
    let inbox = inbox().await;
    let list = html(&inbox, "/").await;
    let version = list.split("data-version=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let asking = {
        let inbox = inbox.clone();
        tokio::spawn(async move { page(&inbox, Method::GET, &format!("/changes?after={version}"), &[]).await.status })
    };
    Client::greeted(&inbox).await.deliver("c@d", "Subject: x\n\nx").await;
    assert_eq!(asking.await.unwrap(), 200);
}
