// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace keelson::apiserver {

/// How what a proxied server calls its own becomes what the client can follow.
struct ProxyLinks {
    std::string base;         ///< The path that the server's root has for the client: ".../pods/web:80/proxy".
    std::string upstreamHost; ///< What the server is called: "10.244.0.5:80".
    std::string clientHost;   ///< What the client calls us; the server has learned it from the header Host.

    /// URLs of the server itself that begin at its root lead through the proxy; others stay as they are.
    std::string rewritten(std::string_view url) const;
};

/// Rewrites the URLs in the attributes of an HTML page that comes in pieces; not those in scripts and style sheets.
/// Source: Kubernetes' proxy rewrites the same attributes. Tags longer than 64 KiB pass as they are.
class PageRewriter {
public:
    explicit PageRewriter(ProxyLinks links) : m_links(std::move(links)) {}
    /// What can go out now.
    std::string take(std::string_view bytes);
    /// What has been kept back, at the end of the page.
    std::string end() { return std::exchange(m_kept, {}); }

private:
    std::size_t endOfMarkup(std::string_view text) const;
    std::string rewrittenTag(std::string_view tag);

    const ProxyLinks m_links;
    std::string m_kept;    ///< Begins with markup that is not complete yet; else empty.
    std::string m_rawName; ///< Of the element whose text is no HTML; empty outside.
};

} // namespace keelson::apiserver
