// SPDX-License-Identifier: Apache-2.0
#include "controlplane/control_plane.h"

#include "apiserver/api_server.h"
#include "auth/bootstrap_tokens.h"
#include "auth/default_roles.h"
#include "auth/https_client.h"
#include "auth/kubeconfig.h"
#include "auth/node_authorizer.h"
#include "auth/secret_tokens.h"
#include "base/host_port.h"
#include "base/log.h"
#include "base/private_file.h"
#include "client/decoded_objects.h"
#include "controllers/controllers.h"
#include "controlplane/admission_files.h"
#include "controlplane/audit_files.h"
#include "controlplane/bootstrap.h"
#include "controlplane/certificate_signing.h"
#include "controlplane/data_folder.h"
#include "controlplane/default_objects.h"
#include "controlplane/default_objects_keeper.h"
#include "controlplane/identity_files.h"
#include "controlplane/node_graph_feed.h"
#include "controlplane/option_rules.h"
#include "controlplane/published_address.h"
#include "controlplane/rbac_feed.h"
#include "controlplane/registry_client.h"
#include "controlplane/token_use_marks.h"
#include "controlplane/write_spans.h"
#include "dispatcher/dispatcher.h"
#include "registry/make_registry.h"
#include "registry/registry_objects.h"
#include "scheduler/scheduler.h"
#include "store/sqlite_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <string_view>
#include <unistd.h>

namespace keelson::controlplane {
namespace {

constexpr std::size_t writeThreadsMax = 64;
constexpr std::size_t controllerThreadsMax = 8;
constexpr std::size_t bindThreadsMax = 4;

std::string hostOf(std::string_view address)
{
    return HostPort::parse(address).value_or(HostPort{.host = std::string(address)}).host;
}

/// A node may miss three heartbeats before it counts as silent.
int heartbeatSeconds(Duration nodeGrace)
{
    constexpr int heartbeatsInGrace = 4;
    constexpr std::int64_t heartbeatMax = 10;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(nodeGrace / heartbeatsInGrace).count();
    return static_cast<int>(std::clamp<std::int64_t>(seconds, 1, heartbeatMax));
}

Result<Done> makeFolder(const std::filesystem::path& folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        return fail(Reason::InternalError,
                    fmt::format("the data directory {} cannot be made: {}", folder.string(), error.message()));
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    return Done{};
}

/// Whether the store answers. There is nothing under the key.
Result<Done> checkStore(store::Store& store)
{
    const auto read = store.get("/health");
    if (read || read.error().reason == Reason::NotFound)
        return Done{};
    return fail(read.error());
}

/// What the server itself writes.
registry::WriteContext masters()
{
    registry::WriteContext context;
    context.user = {"system:apiserver", {}, {"system:masters", "system:authenticated"}, {}};
    context.fieldManager = "keelsond";
    return context;
}

/// The parts' own identities, each with Kubernetes' default role for it.
auth::User identity(std::string_view name)
{
    constexpr std::string_view serviceAccount = "system:serviceaccount:";
    if (name == masters().user.name)
        return masters().user;
    auto user = auth::User::system(std::string(name));
    if (name.starts_with(serviceAccount)) {
        const auto rest = name.substr(serviceAccount.size());
        user.groups.emplace_back("system:serviceaccounts");
        user.groups.push_back("system:serviceaccounts:" + std::string(rest.substr(0, rest.find(':'))));
    }
    return user;
}

} // namespace

/// Members stand in the order in which they come to life; they end in the opposite one.
class ControlPlane::Impl {
public:
    Impl(Options options, const Clock& clock, Random& random)
        : m_options(std::move(options)), m_clock(clock), m_random(random)
    {
    }

    ~Impl() { stop(); }

    Result<Done> start()
    {
        TRY_OK(checkOptions(m_options));
        TRY_ASSIGN(m_podSecurity, readAdmissionConfiguration(m_options.admissionConfiguration));
        TRY_OK(makeFolder(m_options.dataDir));
        TRY_OK(checkDataFolder(m_options.dataDir));
        TRY_ASSIGN(m_store, store::SqliteStore::open({.path = (m_options.dataDir / "store.db").string()}));
        TRY_OK(openAuthority());
        TRY_OK(openRegistry());
        TRY_OK(openTokens());
        TRY_OK(startDispatcher());
        TRY_OK(startApiServer());
        startControllers();
        m_defaults->start();
        TRY_OK(publishApiAddress());
        return writeAddresses(m_options.dataDir, m_addresses);
    }

    void stop()
    {
        if (std::exchange(m_stopped, true))
            return;
        if (m_store) { // else the data directory is not ours, but maybe that of another keelsond that runs
            std::error_code ignored;
            std::filesystem::remove(m_options.dataDir / "addresses.json", ignored);
        }
        if (m_defaults)
            m_defaults->stop();
        if (m_scheduler)
            m_scheduler->stop();
        if (m_controllers)
            m_controllers->stop();
        if (m_nodeGraphFeed)
            m_nodeGraphFeed->stop();
        if (m_dispatcher)
            m_dispatcher->stop();
        if (m_apiServer)
            m_apiServer->stop();
        m_schedulerLoop.stop();
        m_controllerLoop.stop();
        m_frontLoop.stop();
        // Runners and writers may only go when no pass of theirs is under way.
        m_binders.stop();
        m_controllerWorkers.stop();
        m_writers.stop();
    }

    const Addresses& addresses() const { return m_addresses; }

    bool ready() const
    {
        return m_registry->ready() && m_controllers && m_controllers->synced() && m_scheduler->synced();
    }

private:
    Result<Done> openAuthority();
    Result<Done> openRegistry();
    Result<Done> openTokens();
    Result<Done> openIdTokens();
    Result<Done> createDefaults();
    Result<Done> startDispatcher();
    Result<Done> startApiServer();
    Result<Done> publishApiAddress();
    void startControllers();
    std::vector<std::string> serverNames() const;

    client::Client& clientFor(std::string_view user)
    {
        return m_clients.emplace_back(*m_registry, m_roles, identity(user), &m_decoded);
    }

    const Options m_options;
    const Clock& m_clock;
    Random& m_random;
    Addresses m_addresses;
    bool m_stopped = false;

    trace::SpanStore* traces() { return m_options.traceMegabytesMax > 0 ? &m_traces : nullptr; }

    trace::SpanStore m_traces{static_cast<std::size_t>(m_options.traceMegabytesMax) << 20U};
    WriteSpans m_writeSpans{m_traces, m_clock};
    std::unique_ptr<store::SqliteStore> m_store;
    std::optional<auth::CertificateAuthority> m_authority;
    std::optional<auth::CertificateAuthority>
        m_frontProxy; ///< Of the certificate that servers of extensions know us by.
    std::optional<auth::CertificateAuthenticator> m_certificates;
    std::string m_joinSecret;
    podsecurity::Configuration m_podSecurity;
    auth::RbacAuthorizer m_roles;
    auth::NodeGraph m_nodeGraph;
    auth::NodeAuthorizer m_nodes{m_nodeGraph};
    auth::AuthorizerChain m_authorizer; ///< Of API requests: nodes, then roles.
    std::unique_ptr<registry::Registry> m_registry;
    std::optional<registry::RegistryObjects> m_objects;
    auth::ServiceAccountTokens::FutureKey m_tokenKey; ///< Beside the certificate authority's.
    std::optional<auth::ServiceAccountTokens> m_serviceAccounts;
    std::optional<auth::SecretTokens> m_secretTokens;
    std::optional<auth::BootstrapTokens> m_bootstrapTokens;
    std::unique_ptr<auth::IdTokens> m_idTokens; ///< Null: no issuer is configured.
    auth::BearerAuthenticators m_tokens;
    std::unique_ptr<RbacFeed> m_rbacFeed;
    client::DecodedObjects m_decoded;
    std::list<RegistryClient> m_clients;
    std::optional<DefaultObjectsKeeper> m_defaults;
    std::optional<TokenUseMarks> m_tokenUseMarks;

    // Loops before the executors: what runs on an executor posts to a loop.
    ThreadLoop m_frontLoop{"front", m_clock};
    ThreadLoop m_controllerLoop{"controllers", m_clock};
    ThreadLoop m_schedulerLoop{"scheduler", m_clock};
    ThreadExecutor m_writers{"write", writeThreadsMax};
    ThreadExecutor m_controllerWorkers{"control", controllerThreadsMax};
    ThreadExecutor m_binders{"bind", bindThreadsMax};

    std::unique_ptr<NodeGraphFeed> m_nodeGraphFeed;
    std::unique_ptr<dispatcher::Dispatcher> m_dispatcher;
    std::unique_ptr<audit::AuditLog> m_audit; ///< Null: none.
    std::unique_ptr<apiserver::ApiServer> m_apiServer;
    std::unique_ptr<controllers::Controllers> m_controllers;
    std::unique_ptr<scheduler::Scheduler> m_scheduler;
};

Result<Done> ControlPlane::Impl::openAuthority()
{
    TRY_ASSIGN(m_authority, auth::CertificateAuthority::openOrCreate(m_options.dataDir / "pki", m_clock));
    TRY_ASSIGN(m_frontProxy,
               auth::CertificateAuthority::openOrCreate(m_options.dataDir / "pki" / "front-proxy", m_clock));
    TRY_ASSIGN(m_certificates, auth::CertificateAuthenticator::create(m_authority->certificate(), m_clock));
    TRY_ASSIGN(m_joinSecret, loadOrCreateJoinToken(m_options.dataDir / "agent.token", m_authority->certificate()));
    TRY_ASSIGN(m_tokenKey, openTokenKey(m_options.dataDir / "pki" / "service-accounts.key"));
    return Done{};
}

Result<Done> ControlPlane::Impl::openRegistry()
{
    m_authorizer.add(m_nodes);
    m_authorizer.add(m_roles);
    TRY_ASSIGN(m_registry, registry::makeRegistry(
                               *m_store, api::Catalog::builtIn(), m_clock, m_random,
                               {.serviceCidr = m_options.serviceCidr,
                                .roles = &m_roles,
                                .authorizer = &m_authorizer,
                                .observer = traces() ? &m_writeSpans : nullptr,
                                .podSecurity = m_podSecurity,
                                .post = [this](const auth::HttpsPost& post) { return auth::httpsPost(post, m_clock); },
                                .executor = &m_writers}));
    TRY_OK(createDefaults());
    m_rbacFeed = std::make_unique<RbacFeed>(*m_registry, m_roles);
    TRY_OK(m_rbacFeed->start());
    m_nodeGraphFeed = std::make_unique<NodeGraphFeed>(
        m_nodeGraph, m_clients.emplace_back(*m_registry, m_roles, masters().user, &m_decoded), m_frontLoop);
    m_nodeGraphFeed->start();
    return Done{};
}

Result<Done> ControlPlane::Impl::openTokens()
{
    m_objects.emplace(*m_registry);
    const auth::ServiceAccountTokens::Options tokens;
    m_serviceAccounts.emplace(m_tokenKey, tokens, *m_objects, m_clock, m_random);
    m_tokens.add(*m_serviceAccounts);
    m_tokenUseMarks.emplace(clientFor(masters().user.name), m_writers);
    m_tokens.add(m_secretTokens.emplace(m_tokenKey, tokens.audiences, *m_objects, m_clock,
                                        [this](const auto& use) { m_tokenUseMarks->mark(use); }));
    m_bootstrapTokens.emplace(*m_objects, m_clock);
    m_tokens.add(*m_bootstrapTokens);
    return m_options.oidc.issuer.empty() ? Result<Done>(Done{}) : openIdTokens();
}

Result<Done> ControlPlane::Impl::openIdTokens()
{
    std::string authorities;
    if (!m_options.oidcAuthority.empty()) {
        TRY_ASSIGN(authorities, readFile(m_options.oidcAuthority));
    }
    m_idTokens = std::make_unique<auth::IdTokens>(
        m_options.oidc,
        [authorities](const std::string& url) { return auth::httpsGet(url, {.authorities = authorities}); }, m_clock,
        m_frontLoop, m_writers);
    m_idTokens->start();
    m_tokens.add(*m_idTokens);
    return Done{};
}

Result<Done> ControlPlane::Impl::createDefaults()
{
    auto objects = defaultObjects(m_options.serviceCidr, m_options.listen.front());
    TRY_OK(reconcileDefaults(*m_registry, masters(), objects, auth::defaultRoles()));
    objects.push_back(extensionAuthentication(m_authority->certificate(), m_frontProxy->certificate()));
    TRY_OK(replaceObjects(*m_registry, masters(), {objects.back()}));
    m_defaults.emplace(*m_registry, masters(), std::move(objects), m_frontLoop, m_writers);
    return Done{};
}

std::vector<std::string> ControlPlane::Impl::serverNames() const
{
    std::vector<std::string> names{"localhost",
                                   "127.0.0.1",
                                   "::1",
                                   "kubernetes",
                                   "kubernetes.default",
                                   "kubernetes.default.svc",
                                   "kubernetes.default.svc.cluster.local",
                                   addressInRange(m_options.serviceCidr, 1)};
    auto addresses = m_options.listen;
    addresses.push_back(m_options.agentListen);
    if (!m_options.advertise.empty())
        addresses.push_back(m_options.advertise);
    for (const auto& address : addresses) {
        const auto host = hostOf(address);
        const bool any = host == "0.0.0.0" || host == "::" || host.empty();
        if (!any && std::ranges::find(names, host) == names.end())
            names.push_back(host);
    }
    char machine[256] = {};
    if (::gethostname(machine, sizeof machine - 1) == 0 && machine[0] != '\0')
        names.emplace_back(machine);
    return names;
}

Result<Done> ControlPlane::Impl::startDispatcher()
{
    TRY_ASSIGN(const auto certificate, m_authority->serverCertificate(serverNames()));
    dispatcher::Options options;
    options.listen = m_options.agentListen;
    options.certificate = certificate.certificate;
    options.key = certificate.key;
    options.authority = m_authority->certificate();
    options.podCidr = m_options.podCidr;
    options.serviceCidr = m_options.serviceCidr;
    options.dnsAddress = addressInRange(m_options.serviceCidr, 10);
    options.heartbeatSeconds = heartbeatSeconds(m_options.nodeGrace);
    options.checkToken = [this](std::string_view secret) {
        return auth::equalSecrets(secret, m_joinSecret) || m_bootstrapTokens->authenticate(secret, {}).has_value();
    };
    options.sign = [this](std::string_view request, const std::string& node) {
        return m_authority->signNode(request, node);
    };
    options.trace = traces();
    options.issueToken = [this](const api::ObjectKey& account, api::Value request) {
        return m_serviceAccounts->answerRequest(account, std::move(request));
    };
    TRY_ASSIGN(m_dispatcher, dispatcher::Dispatcher::create(std::move(options), clientFor("system:keelson:dispatcher"),
                                                            m_frontLoop, m_writers));
    m_addresses.agents = m_dispatcher->address();
    return Done{};
}

Result<Done> ControlPlane::Impl::startApiServer()
{
    TRY_ASSIGN(m_audit, openAuditLog(m_options, m_clock));
    TRY_ASSIGN(auto certificate, m_authority->serverCertificate(serverNames()));
    apiserver::ApiServer::Options options;
    options.listen = m_options.listen;
    options.certificate = std::move(certificate);
    options.registry = m_registry.get();
    options.authorizer = &m_authorizer;
    options.roles = &m_roles;
    options.tokens = &m_tokens;
    options.serviceAccounts = &*m_serviceAccounts;
    options.advertise = m_options.advertise;
    options.certificates = &*m_certificates;
    TRY_ASSIGN(options.frontProxy, m_frontProxy->issueClient(std::string(frontProxyName), {}));
    options.traces = traces();
    options.pods = m_dispatcher.get();
    options.audit = m_audit.get();
    options.clock = &m_clock;
    options.executor = &m_writers;
    options.loop = &m_frontLoop;
    options.readyChecks = {{"controllers", [this] { return m_controllers && m_controllers->synced(); }},
                           {"scheduler", [this] { return m_scheduler && m_scheduler->synced(); }}};
    for (const auto& [name, ready] : options.readyChecks)
        options.components.push_back({name == "controllers" ? "controller-manager" : name, [ready]() -> Result<Done> {
                                          if (ready())
                                              return Done{};
                                          return fail(Reason::ServiceUnavailable, "it has not read the cluster yet");
                                      }});
    options.components.push_back({"etcd-0", [this] { return checkStore(*m_store); }});
    std::ranges::sort(options.components, {}, &apiserver::ComponentCheck::name);
    TRY_ASSIGN(m_apiServer, apiserver::ApiServer::create(std::move(options)));
    m_addresses.api = m_options.advertise.empty() ? m_apiServer->addresses().front() : m_options.advertise;
    return writeAdminKubeconfig(m_options.dataDir / "admin.kubeconfig", *m_authority, "https://" + m_addresses.api,
                                m_clock);
}

void ControlPlane::Impl::startControllers()
{
    controllers::Options options;
    options.rootCaPem = m_authority->certificate();
    options.clusterCidr = m_options.podCidr;
    options.nodeGrace = m_options.nodeGrace;
    options.nodeMonitorPeriod = std::min<Duration>(options.nodeMonitorPeriod, m_options.nodeGrace / 4);
    options.trace = traces();
    options.signCertificate = [this](const auto& spec) { return signCertificate(*m_authority, spec); };
    options.approvalOf = [this](const auto& spec) { return approvalOf(m_authorizer, spec); };
    options.certificateEnd = certificateEnd;
    options.accountToken = [this](const auto& account, auto uid, auto secret) {
        return m_secretTokens->make(account, uid, secret);
    };
    options.probeApi = [this](const auto& service) { return m_apiServer->probe(service); };
    if (m_options.evictionMax > Duration::zero())
        options.tolerationMax = m_options.evictionMax;
    m_controllers =
        controllers::makeControllers([this](std::string_view user) -> client::Client& { return clientFor(user); },
                                     m_controllerLoop, m_controllerWorkers, m_random, options);
    m_scheduler = std::make_unique<scheduler::Scheduler>(clientFor("system:kube-scheduler"), m_schedulerLoop, m_binders,
                                                         m_random, scheduler::Options{.trace = traces()});
    m_controllers->start();
    m_scheduler->start();
}

Result<Done> ControlPlane::Impl::publishApiAddress()
{
    const auto address = publishedAddress(m_options.advertise, m_apiServer->addresses(), machineAddress);
    if (!address)
        return Done{}; // nobody but this machine could reach it: the Service stays without endpoints
    return replaceObjects(*m_registry, masters(), apiServerEndpoints(*address));
}

Result<std::unique_ptr<ControlPlane>> ControlPlane::create(const Options& options, const Clock& clock, Random& random)
{
    auto impl = std::make_unique<Impl>(options, clock, random);
    TRY_OK(impl->start());
    return std::unique_ptr<ControlPlane>(new ControlPlane(std::move(impl)));
}

ControlPlane::ControlPlane(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

ControlPlane::~ControlPlane() = default;

const Addresses& ControlPlane::addresses() const
{
    return m_impl->addresses();
}

bool ControlPlane::ready() const
{
    return m_impl->ready();
}

void ControlPlane::stop()
{
    m_impl->stop();
}

} // namespace keelson::controlplane
