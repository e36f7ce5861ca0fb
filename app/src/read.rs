//! How server functions that read are called: a GET with the arguments as query, answered as the caller accepts it.
//!
//! On the server it is Leptos' own way. In the browser that would be compiled once for every function; here it is a few
//! lines around one function that fetches.

use std::future::Future;

use http::Method;
use leptos::server_fn::{
    Http, Protocol, ServerFn,
    client::Client,
    codec::{GetUrl, Json, Postcard},
    request::Req as _,
    server::Server,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{browser, error::ConsoleError, wire};

/// The `protocol` of a server function that changes nothing.
#[derive(Debug)]
pub struct Read;

impl<Input, Output, Caller, Answerer> Protocol<Input, Output, Caller, Answerer, ConsoleError> for Read
where
    Http<GetUrl, Json>: Protocol<Input, Output, Caller, Answerer, ConsoleError>,
    Http<GetUrl, Postcard>: Protocol<Input, Output, Caller, Answerer, ConsoleError>,
    Caller: Client<ConsoleError>,
    Answerer: Server<ConsoleError>,
    Input: Serialize + Send,
    Output: DeserializeOwned + Send,
{
    const METHOD: Method = Method::GET;

    async fn run_server<Function, Running>(
        request: Answerer::Request,
        function: Function,
    ) -> Result<Answerer::Response, ConsoleError>
    where
        Function: Fn(Input) -> Running + Send,
        Running: Future<Output = Result<Output, ConsoleError>> + Send,
    {
        if request.accepts().is_some_and(|accepted| accepted == wire::ACCEPT) {
            Http::<GetUrl, Postcard>::run_server(request, function).await
        } else {
            Http::<GetUrl, Json>::run_server(request, function).await
        }
    }

    async fn run_client(path: &str, input: Input) -> Result<Output, ConsoleError> {
        let answer = browser::get(asked(path, &input)?);
        wire::read(&answer.await?)
    }
}

/// Where a server function is asked.
pub(crate) fn address<Call: ServerFn + Serialize>(call: &Call) -> Result<String, ConsoleError> {
    asked(Call::PATH, call)
}

fn asked<Input: Serialize>(path: &str, input: &Input) -> Result<String, ConsoleError> {
    let query = serde_qs::to_string(input).map_err(|_| ConsoleError::Malformed)?;
    Ok(format!("{path}?{query}"))
}
