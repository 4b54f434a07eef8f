// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/api_server.h"
#include "apiserver/https_client.h"
#include "apiserver/scripted_pods.h"
#include "auth/bootstrap_tokens.h"
#include "auth/default_roles.h"
#include "auth/node_authorizer.h"
#include "base/random.h"
#include "registry/make_registry.h"
#include "registry/registry_objects.h"
#include "store/memory_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>

namespace keelson::apiserver {

/// An API server on loopback over a store in memory, with an admin and an ordinary user.
class ServedCluster : public testing::Test {
protected:
    ServedCluster() : m_loop("test-timers", m_clock), m_executor("test-writes", 8)
    {
        m_folder =
            std::filesystem::temp_directory_path() / ("keelson-api-" + std::to_string(::getpid()) + "-" +
                                                      testing::UnitTest::GetInstance()->current_test_info()->name());
        m_authority.emplace(*auth::CertificateAuthority::openOrCreate(m_folder, m_clock));
        m_frontProxyAuthority.emplace(*auth::CertificateAuthority::openOrCreate(m_folder / "front-proxy", m_clock));
        m_certificates.emplace(*auth::CertificateAuthenticator::create(m_authority->certificate(), m_clock));
        m_admin = *m_authority->issueClient("admin", {"system:masters"});
        m_jane = *m_authority->issueClient("jane", {});
        m_registry =
            *registry::makeRegistry(m_store, api::Catalog::builtIn(), m_clock, m_random, {.roles = &m_authorizer});
        m_authorizer.replace(auth::defaultRoles());
        m_authorizers.add(m_nodes);
        m_authorizers.add(m_authorizer);
        m_objects.emplace(*m_registry);
        m_serviceAccounts.emplace(*auth::SigningKey::fromPem(auth::makeCertificateRequest("tokens")->key),
                                  auth::ServiceAccountTokens::Options{}, *m_objects, m_clock, m_random);
        m_tokens.add(*m_serviceAccounts);
        m_tokens.add(m_bootstrapTokens.emplace(*m_objects, m_clock));
        auto server = ApiServer::create(options());
        EXPECT_TRUE(server) << server.error().message;
        m_server = *std::move(server);
        admin().ask("POST", "/api/v1/namespaces", R"({"metadata":{"name":"default"}})");
    }
    ~ServedCluster() override
    {
        m_clients.clear();
        m_server->stop();
        std::filesystem::remove_all(m_folder);
    }

    ApiServer::Options options()
    {
        ApiServer::Options made;
        made.certificate = *m_authority->issueServer({"127.0.0.1", "localhost"});
        made.registry = m_registry.get();
        made.authorizer = &m_authorizers;
        made.roles = &m_authorizer;
        made.tokens = &m_tokens;
        made.serviceAccounts = &*m_serviceAccounts;
        made.certificates = &*m_certificates;
        made.pods = &m_pods;
        made.frontProxy = *m_frontProxyAuthority->issueClient("front-proxy-client", {});
        made.clock = &m_clock;
        made.executor = &m_executor;
        made.loop = &m_loop;
        made.components = {{"etcd-0", [] { return Result<Done>(Done{}); }},
                           {"scheduler", [this] { return m_scheduler; }}};
        return made;
    }

    std::unique_ptr<HttpsClient> connect(const auth::KeyPair* identity)
    {
        return std::make_unique<HttpsClient>(m_server->addresses().front(), m_authority->certificate(), identity);
    }
    HttpsClient& admin() { return named("admin", &m_admin); }
    HttpsClient& jane() { return named("jane", &m_jane); }
    HttpsClient& nobody() { return named("", nullptr); }

    static api::Value json(const std::string& text)
    {
        const auto value = api::parseJson(text);
        EXPECT_TRUE(value) << text;
        return value.value_or(api::Value());
    }
    static std::string message(const HttpsClient::Reply& reply)
    {
        return std::string(api::stringAt(json(reply.body), {"message"}));
    }

    SystemClock m_clock;
    SystemRandom m_random;
    ThreadLoop m_loop;
    ThreadExecutor m_executor;
    std::filesystem::path m_folder;
    std::optional<auth::CertificateAuthority> m_authority;
    std::optional<auth::CertificateAuthority> m_frontProxyAuthority;
    std::optional<auth::CertificateAuthenticator> m_certificates;
    auth::KeyPair m_admin;
    auth::KeyPair m_jane;
    store::MemoryStore m_store;
    auth::RbacAuthorizer m_authorizer; ///< Knows the roles that a test tells it, not those in the store.
    auth::NodeGraph m_nodeGraph;
    auth::NodeAuthorizer m_nodes{m_nodeGraph};
    auth::AuthorizerChain m_authorizers;
    std::unique_ptr<registry::Registry> m_registry;
    std::optional<registry::RegistryObjects> m_objects;
    std::optional<auth::ServiceAccountTokens> m_serviceAccounts;
    std::optional<auth::BootstrapTokens> m_bootstrapTokens;
    auth::BearerAuthenticators m_tokens;
    ScriptedPods m_pods;
    Result<Done> m_scheduler = Done{}; ///< As componentstatuses tell it.
    std::unique_ptr<ApiServer> m_server;

private:
    HttpsClient& named(const std::string& name, const auth::KeyPair* identity)
    {
        auto& client = m_clients[name];
        if (!client || !client->connected())
            client = connect(identity);
        return *client;
    }
    std::map<std::string, std::unique_ptr<HttpsClient>> m_clients;
};

} // namespace keelson::apiserver
