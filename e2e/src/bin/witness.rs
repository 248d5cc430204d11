//! A program for Pods in tests of the world itself: serves, over plain HTTP, what a container sees.
//!
//! Flags: the port to listen on. `GET /env/NAME` and `GET /file/PATH` give a value or 404, `GET /write/PATH` tries
//! to write there, `GET /id` gives user and group, `GET /exit/CODE` ends it, `GET /ready` is fine once
//! `GET /open` was asked.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    process::ExitCode,
};

use anyhow::{Context, Result};

#[expect(clippy::print_stdout, reason = "a test reads it as the container's log")]
fn main() -> Result<ExitCode> {
    let port: u16 = env::args().nth(1).context("no port given")?.parse()?;
    if port == 0 {
        println!("done");
        // As an init container or a Job: done at once, and badly if told so.
        return Ok(env::var("FAIL").map_or(ExitCode::SUCCESS, |_| ExitCode::FAILURE));
    }
    let listener = TcpListener::bind(("0.0.0.0", port))?;
    println!("listening");
    let mut open = false;
    for connection in listener.incoming() {
        let mut connection = connection?;
        let Some(path) = asked(&connection) else { continue };
        let (what, rest) =
            path.trim_start_matches('/').split_once('/').unwrap_or_else(|| (path.trim_matches('/'), ""));
        let answer = match what {
            "env" => env::var(rest).ok(),
            "file" => fs::read_to_string(format!("/{rest}")).ok(),
            "write" => fs::write(format!("/{rest}"), "written").ok().map(|()| String::new()),
            "id" => Some(format!("{} {}", nix::unistd::getuid(), nix::unistd::getgid())),
            "exit" => return Ok(ExitCode::from(rest.parse::<u8>()?)),
            "open" => {
                open = true;
                Some(String::new())
            }
            "ready" => open.then(String::new),
            _ => None,
        };
        let status = if answer.is_some() { "200 OK" } else { "404 Not Found" };
        let body = answer.unwrap_or_default();
        let length = body.len();
        // A peer that has left needs no answer.
        let _ = write!(
            connection,
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The path of a request, its headers read.
fn asked(connection: &TcpStream) -> Option<String> {
    let mut lines = BufReader::new(connection).lines();
    let path = lines.next()?.ok()?.split(' ').nth(1)?.to_owned();
    lines.map_while(Result::ok).find(String::is_empty)?;
    Some(path)
}
