use std::sync::Arc;

use testkit::HandClock;

use crate::support::{Client, inbox};
use rehearsal::Inbox;

#[tokio::test]
async fn a_mail_is_kept_as_it_was_sent() {
    let inbox = Inbox::builder().clock(Arc::new(HandClock::new())).start().await.unwrap();
    let mut client = Client::greeted(&inbox).await;
    let content = "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\nFrom: Usher <usher@example.org>\n\
                   Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n\
                   .dots\n..stay\nSee https://example.org/verify?a=1&b=2.\n";
    assert!(client.deliver("freya@globex.example", content).await.starts_with("250"));
    let mails = inbox.messages();
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!((mail.number, mail.at), (1, HandClock::START));
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("usher@example.org", &["freya@globex.example".to_owned()][..])
    );
    assert_eq!(mail.subject, "Grüße");
    assert!(mail.text.starts_with(".dots\n..stay\nSee https"), "{:?}", mail.text);
    assert_eq!(mail.links(), ["https://example.org/verify?a=1&b=2"]);
    assert_eq!(mail.header("from"), Some("Usher <usher@example.org>"));
    assert!(client.say("QUIT").await.starts_with("221"));
    assert!(client.is_over().await);
}

#[tokio::test]
async fn several_mails_come_on_one_connection_and_all_at_once() {
    let inbox = inbox().await;
    let mut client = Client::new(&inbox).await;
    let one = "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\nSubject: x\r\n\r\nHello\r\n.\r\n";
    client.send(format!("HELO x\r\n{one}{one}NOOP\r\nRSET\r\nQUIT\r\n").as_bytes()).await;
    for code in ["250", "250", "250", "250", "354", "250", "250", "250", "250", "354", "250", "250", "250", "221"] {
        assert_eq!(&client.answer().await[..3], code);
    }
    assert_eq!(inbox.messages().len(), 2);
    assert_eq!(inbox.latest_to("E@F").unwrap().number, 2);
    inbox.clear();
    assert!(inbox.messages().is_empty() && inbox.latest_to("e@f").is_none());
}

#[tokio::test]
async fn only_a_dot_on_a_line_of_its_own_ends_a_mail() {
    let inbox = inbox().await;
    let mut client = Client::greeted(&inbox).await;
    for line in ["MAIL FROM:<>", "RCPT TO:<c@d>", "DATA"] {
        client.say(line).await;
    }
    client.send(b"Subject: x\r\n\r\na\n.\nb\r\n.\nRCPT TO:<evil@d>\n.\r\nc\r\n.\r\n").await;
    assert!(client.answer().await.starts_with("250"));
    let mails = inbox.messages();
    assert_eq!((mails.len(), mails[0].to.len()), (1, 1));
    assert!(mails[0].raw.ends_with(b"c\r\n"), "{mails:?}");
}

#[tokio::test]
async fn a_mail_that_is_too_large_is_refused_and_the_next_one_is_not() {
    let inbox = inbox().await;
    let mut client = Client::greeted(&inbox).await;
    assert!(client.say("MAIL FROM:<a@b> SIZE=2000000").await.starts_with("552"));
    let large = "x".repeat(990) + "\n";
    assert!(client.deliver("c@d", &large.repeat(1100)).await.starts_with("552"));
    assert!(client.deliver("c@d", "Subject: small\n\nx").await.starts_with("250"));
    assert_eq!(inbox.messages()[0].subject, "small");
}

#[tokio::test]
async fn garbage_is_answered_or_hung_up_on() {
    let inbox = inbox().await;
    let mut browser = Client::new(&inbox).await;
    browser.send(b"POST / HTTP/1.1\r\nHost: x\r\n\r\nEHLO x\r\nMAIL FROM:<a@b>\r\n").await;
    assert!(browser.answer().await.starts_with("554"));
    assert!(browser.is_over().await);

    let mut long = Client::greeted(&inbox).await;
    long.send(&[b'x'; 9000]).await;
    assert!(long.answer().await.starts_with("500"));
    assert!(long.is_over().await);

    let mut stubborn = Client::greeted(&inbox).await;
    for _ in 0..9 {
        assert!(stubborn.say("\u{fffd}").await.starts_with("500"));
    }
    assert!(stubborn.say("WHAT").await.starts_with("500"));
    assert!(stubborn.answer().await.starts_with("421"));
    assert!(stubborn.is_over().await);
    assert!(inbox.messages().is_empty());
}

#[tokio::test]
async fn it_refuses_as_often_as_it_is_told_to() {
    let inbox = inbox().await;
    inbox.refuse_next(2, 451);
    let mut client = Client::greeted(&inbox).await;
    client.say("MAIL FROM:<a@b>").await;
    for code in ["451", "451", "250"] {
        assert_eq!(&client.say("RCPT TO:<c@d>").await[..3], code);
    }
    inbox.refuse_next(u32::MAX, 550);
    assert!(client.say("RCPT TO:<c@d>").await.starts_with("550 5."));
    inbox.refuse_next(0, 550);
    assert!(client.say("RCPT TO:<c@d>").await.starts_with("250"));
}

#[tokio::test]
async fn stopped_it_hangs_up_and_keeps_what_it_has() {
    let inbox = inbox().await;
    let mut client = Client::greeted(&inbox).await;
    client.deliver("c@d", "Subject: one\n\nx").await;
    inbox.stop().await;
    assert!(client.is_over().await);
    assert!(tokio::net::TcpStream::connect(inbox.address()).await.is_err());
    inbox.restart().await.unwrap();
    let waiting = inbox.wait_for(|mail| mail.subject == "two");
    let sending = async {
        Client::greeted(&inbox).await.deliver("c@d", "Subject: two\n\nx").await;
    };
    assert_eq!(tokio::join!(waiting, sending).0.number, 2);
}

#[tokio::test]
async fn no_more_than_so_many_are_listened_to_at_once() {
    let inbox = inbox().await;
    let mut clients = Vec::new();
    for _ in 0..32 {
        clients.push(Client::new(&inbox).await);
    }
    let one_more = tokio::net::TcpStream::connect(inbox.address()).await.unwrap();
    let mut answer = String::new();
    let mut reader = tokio::io::BufReader::new(one_more);
    tokio::io::AsyncBufReadExt::read_line(&mut reader, &mut answer).await.unwrap();
    assert!(answer.starts_with("421"), "{answer}");
    assert!(clients[31].say("NOOP").await.starts_with("250"));
}

#[tokio::test]
async fn only_the_latest_mails_are_kept() {
    let inbox = inbox().await;
    let mut client = Client::greeted(&inbox).await;
    for number in 1..=503 {
        client.deliver("c@d", &format!("Subject: {number}\n\nx")).await;
    }
    let mails = inbox.messages();
    assert_eq!((mails.len(), mails[0].subject.as_str()), (500, "4"));
}
