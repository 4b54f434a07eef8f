// SPDX-License-Identifier: Apache-2.0
// The parts of the proxy that need no server: how requests and replies are read and rewritten.
#include "apiserver/http_reply_reader.h"
#include "apiserver/onward_request.h"
#include "apiserver/proxy_links.h"
#include "apiserver/proxy_target.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keelson::apiserver {
namespace {

TEST(ProxyName, hasThreeForms)
{
    const auto parts = [](std::string_view text) {
        const auto read = readProxyName(text);
        return read ? fmt::format("{}|{}|{}", read->scheme, read->name, read->port) : "none";
    };
    EXPECT_EQ(parts("web"), "|web|");
    EXPECT_EQ(parts("web:80"), "|web|80");
    EXPECT_EQ(parts("http:web:admin"), "http|web|admin");
    EXPECT_EQ(parts("https:web:"), "https|web|");
    EXPECT_EQ(parts(":web:80"), "|web|80");
    for (const auto* const wrong : {"", ":80", "ftp:web:80", "a:b:c:d", "http::80"})
        EXPECT_EQ(parts(wrong), "none") << wrong;
}

/// Status, whether it is complete, and the body.
std::string readReply(std::string_view text, bool headOnly = false)
{
    HttpReplyReader reader(headOnly);
    std::string body;
    for (const char each : text) {
        if (const auto read = reader.take({&each, 1}); !read)
            return read.error().message;
        body += reader.takeBody();
    }
    const bool complete = reader.complete();
    if (const auto end = reader.end(); !end)
        return end.error().message;
    return fmt::format("{}{} {}", reader.head().status, complete ? "" : " until the end", body);
}

TEST(HttpReplyReader, readsWhatComesByteForByte)
{
    EXPECT_EQ(readReply("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), "200 hi");
    EXPECT_EQ(readReply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n"),
              "200 hi!");
    EXPECT_EQ(readReply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "200 ");
    EXPECT_EQ(readReply("HTTP/1.0 404 Not Found\r\n\r\nnone"), "404 until the end none");
    EXPECT_EQ(readReply("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true), "200 ");
    EXPECT_EQ(readReply("HTTP/1.1 204 No Content\r\n\r\n"), "204 ");
    EXPECT_EQ(readReply("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi"), "unexpected EOF");
    EXPECT_EQ(readReply("HTTP/1.1 200"), "unexpected EOF");
    EXPECT_EQ(readReply(""), "EOF");
    EXPECT_EQ(readReply("echo:GET / HTTP/1.1\r\n"), "malformed HTTP response \"e\"");
    EXPECT_EQ(readReply("HTTP/2 200\r\n"), "malformed HTTP response \"HTTP/2\"");
    EXPECT_EQ(readReply("\x15\x03"), "malformed HTTP response \"?\"");
    EXPECT_EQ(readReply("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
              "200 hi");
    EXPECT_EQ(readReply("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"), "101 ");
}

TEST(OnwardRequest, keepsWhatMeansTheRequest)
{
    Request request;
    request.method = "PATCH";
    request.target = "/api/v1/namespaces/default/pods/a/proxy/x?q=%2F";
    request.remoteAddress = "10.1.2.3:4567";
    request.body = "milk";
    for (const auto& [name, value] : {std::pair("Host", "api:6443"),
                                      {"Authorization", "Bearer secret"},
                                      {"Impersonate-User", "jane"},
                                      {"Impersonate-Extra-a", "b"},
                                      {"Connection", "keep-alive, X-Hop"},
                                      {"X-Hop", "1"},
                                      {"Transfer-Encoding", "chunked"},
                                      {"Expect", "100-continue"},
                                      {"X-Forwarded-For", "192.168.0.1"},
                                      {"X-Forwarded-Proto", "gopher"},
                                      {"X-Remote-User", "somebody"},
                                      {"Accept-Encoding", "gzip"},
                                      {"Cookie", "a=b"},
                                      {"cookie", "c=d"}})
        request.headers.add(name, value);
    Headers added;
    added.add("X-Remote-User", "admin");
    EXPECT_EQ(onwardText(request, "/x?q=%2F", "api:6443", added),
              "PATCH /x?q=%2F HTTP/1.1\r\nHost: api:6443\r\nConnection: close\r\n"
              "Accept-Encoding: gzip\r\nCookie: a=b\r\ncookie: c=d\r\n"
              "X-Forwarded-For: 192.168.0.1, 10.1.2.3\r\nX-Forwarded-Host: api:6443\r\nX-Forwarded-Proto: https\r\n"
              "X-Forwarded-Uri: /api/v1/namespaces/default/pods/a/proxy/x\r\n"
              "X-Remote-User: admin\r\nContent-Length: 4\r\n\r\nmilk");
}

TEST(OnwardRequest, carriesAnUpgradeOn)
{
    Request request;
    request.method = "GET";
    EXPECT_FALSE(isUpgrade(request));
    request.headers.add("Upgrade", "websocket");
    EXPECT_FALSE(isUpgrade(request)) << "for the next hop it says so in Connection";
    request.headers.add("Connection", "keep-alive, Upgrade");
    request.headers.add("Sec-WebSocket-Key", "x");
    EXPECT_TRUE(isUpgrade(request));
    const auto text = onwardText(request, "/", "h", {});
    EXPECT_THAT(text, testing::HasSubstr("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n"));
}

const ProxyLinks links{.base = "/pods/a:80/proxy", .upstreamHost = "10.244.0.5:80", .clientHost = "api:6443"};

TEST(ProxyLinks, leadBackThroughTheProxy)
{
    for (const auto& [given, seen] : {std::pair("/x", "/pods/a:80/proxy/x"),
                                      {"/x/?q=/y#z", "/pods/a:80/proxy/x/?q=/y#z"},
                                      {"/", "/pods/a:80/proxy/"},
                                      {"http://10.244.0.5:80/x", "/pods/a:80/proxy/x"},
                                      {"https://api:6443/x", "/pods/a:80/proxy/x"},
                                      {"https://api:6443/pods/a:80/proxy/x", "/pods/a:80/proxy/x"},
                                      {"//10.244.0.5:80/x", "/pods/a:80/proxy/x"},
                                      {"/pods/a:80/proxy/x", "/pods/a:80/proxy/x"},
                                      {"x", "x"},
                                      {"../x", "../x"},
                                      {"?q", "?q"},
                                      {"#a", "#a"},
                                      {"", ""},
                                      {"//other/x", "//other/x"},
                                      {"http://other/x", "http://other/x"},
                                      {"http://10.244.0.5:80", "http://10.244.0.5:80"},
                                      {"mailto:a@b", "mailto:a@b"},
                                      {"data:/x", "data:/x"}})
        EXPECT_EQ(links.rewritten(given), seen);
}

TEST(PageRewriter, findsTheLinksInAPage)
{
    const std::string page = R"(<!DOCTYPE html><html><HEAD><Title><a href="/t"></title>
<link rel=stylesheet href=/s.css><script src='/s.js'>if (a < b) x = '<a href="/no">';</script></HEAD>
<!-- <a href="/no"> > --><body background = "/b.png"><a class="href" title="a > b" href="/x?a=1&amp;b=2">1 < 2</a>
<a name=/n href=y>y</a><img alt="/no" src="/i.png"/><p href="/no"><form action="/f" method=post>
<a href="http://other/">o</a><style>a { b: url(/no) }</style><iframe src="/in"><a href="/no"></iframe><a href=/end>)";
    const std::string seen =
        R"(<!DOCTYPE html><html><HEAD><Title><a href="/t"></title>
<link rel=stylesheet href=/pods/a:80/proxy/s.css><script src='/pods/a:80/proxy/s.js'>if (a < b) x = '<a href="/no">';</script></HEAD>
<!-- <a href="/no"> > --><body background = "/pods/a:80/proxy/b.png"><a class="href" title="a > b" href="/pods/a:80/proxy/x?a=1&amp;b=2">1 < 2</a>
<a name=/n href=y>y</a><img alt="/no" src="/pods/a:80/proxy/i.png"/><p href="/no"><form action="/pods/a:80/proxy/f" method=post>
<a href="http://other/">o</a><style>a { b: url(/no) }</style><iframe src="/pods/a:80/proxy/in"><a href="/no"></iframe><a href=/pods/a:80/proxy/end>)";
    for (const std::size_t pieceBytes : {std::size_t{1}, std::size_t{7}, page.size()}) {
        PageRewriter rewriter(links);
        std::string out;
        for (std::size_t at = 0; at < page.size(); at += pieceBytes)
            out += rewriter.take(std::string_view(page).substr(at, pieceBytes));
        EXPECT_EQ(out + rewriter.end(), seen) << "in pieces of " << pieceBytes;
    }
}

TEST(PageRewriter, keepsWhatIsNoPage)
{
    for (const auto& text : {std::string("<a href=\"/x"), std::string("<"), std::string("<!-"), std::string("a <"),
                             "<a title=\"" + std::string(100'000, 'x') + "\" href=\"/x\">"}) {
        PageRewriter rewriter(links);
        std::string out;
        for (std::size_t at = 0; at < text.size(); at += 1000)
            out += rewriter.take(std::string_view(text).substr(at, 1000));
        EXPECT_EQ(out + rewriter.end(), text) << text.substr(0, 20);
    }
}

} // namespace
} // namespace keelson::apiserver
