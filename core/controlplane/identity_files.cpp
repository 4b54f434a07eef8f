// SPDX-License-Identifier: Apache-2.0
#include "controlplane/identity_files.h"

#include "api/base64.h"
#include "api/value.h"
#include "auth/kubeconfig.h"
#include "auth/token_file.h"
#include "base/log.h"
#include "base/private_file.h"
#include "controlplane/control_plane.h"

#include <fmt/format.h>

#include <algorithm>
#include <unistd.h>

namespace keelson::controlplane {
namespace {

/// The certificate's bytes: a PEM text without its frame is base64 already.
std::string base64UrlOf(const std::string& pem)
{
    const auto first = pem.find('\n') + 1;
    std::string text;
    for (const char letter : pem.substr(first, pem.find("-----END") - first)) {
        if (letter == '+')
            text += '-';
        else if (letter == '/')
            text += '_';
        else if (letter != '\n' && letter != '=')
            text += letter;
    }
    return text;
}

} // namespace

Result<std::string> loadOrCreateJoinToken(const std::filesystem::path& path, const std::string& authorityPem)
{
    const auto authority = base64UrlOf(authorityPem);
    TRY_ASSIGN(const auto line, auth::loadOrCreateToken(path));
    const auto dot = line.rfind('.');
    auto secret = dot == std::string::npos ? line : line.substr(dot + 1);
    if (secret.size() != auth::tokenLength || secret.find_first_not_of("0123456789abcdef") != std::string::npos)
        return fail(Reason::Invalid,
                    fmt::format("{} is damaged: its line does not end in a secret of {} hexadecimal digits. Put the "
                                "file back from a copy, or remove it and start again: a new one is made, and whoever "
                                "joins later needs that",
                                path.string(), auth::tokenLength));
    if (dot == std::string::npos || line.substr(0, dot) != authority)
        TRY_OK(writePrivateFile(path, authority + "." + secret + "\n"));
    return secret;
}

Result<auth::ServiceAccountTokens::FutureKey> openTokenKey(const std::filesystem::path& path)
{
    if (std::filesystem::exists(path)) {
        TRY_ASSIGN(auto key, auth::SigningKey::openOrCreate(path));
        std::promise<Result<auth::SigningKey>> present;
        present.set_value(std::move(key));
        return present.get_future().share();
    }
    return std::async(std::launch::async,
                      [path] {
                          auto key = auth::SigningKey::openOrCreate(path);
                          if (!key)
                              log::error("keelsond", "no tokens for service accounts: {}", key.error().message);
                          return key;
                      })
        .share();
}

Result<Done> writeAdminKubeconfig(const std::filesystem::path& path, const auth::CertificateAuthority& authority,
                                  const std::string& server, const Clock& clock)
{
    if (const auto present = readFile(path)) {
        const auto config = api::parseYaml(*present);
        const auto field = [&](std::string_view list, std::string_view object, std::string_view name) -> std::string {
            const auto* const entries = config ? api::find(*config, {list}) : nullptr;
            if (entries == nullptr || !entries->is_array() || entries->as_array().empty())
                return {};
            return std::string(api::stringAt(entries->as_array().front(), {object, name}));
        };
        const auto decoded = [&](const std::string& text) { return api::decodeBase64(text).value_or(""); };
        const auto facts = auth::certificateFacts(decoded(field("users", "user", "client-certificate-data")));
        if (field("clusters", "cluster", "server") == server &&
            decoded(field("clusters", "cluster", "certificate-authority-data")) == authority.certificate() && facts &&
            facts->notAfter - clock.wall() > auth::renewBefore)
            return Done{};
    }
    auth::Kubeconfig config;
    config.server = server;
    config.authority = authority.certificate();
    config.user = "keelson-admin";
    TRY_ASSIGN(config.identity, authority.issueClient(config.user, {"system:masters"}));
    return writePrivateFile(path, auth::kubeconfigText(config));
}

Result<Done> writeAddresses(const std::filesystem::path& dataDir, const Addresses& addresses)
{
    const api::Value document = api::Object{
        {"api", addresses.api}, {"agents", addresses.agents}, {"pid", static_cast<std::int64_t>(::getpid())}};
    return writePrivateFile(dataDir / "addresses.json", api::writeJson(document) + "\n");
}

} // namespace keelson::controlplane
