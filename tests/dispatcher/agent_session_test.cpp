// SPDX-License-Identifier: Apache-2.0
// Dispatcher and agents over real sessions (TLS on loopback), around a cluster in memory.
#include "auth/certificate_authority.h"
#include "containers/simulated_runtime.h"
#include "dispatcher/dispatcher.h"
#include "node/node_agent.h"
#include "support/fake_client.h"
#include "volumes/host_volumes.h"

#include "api/coordination_v1.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <poll.h>

namespace keelson {
namespace {

namespace fs = std::filesystem;
using client::PodChannel;

bool eventually(const std::function<bool()>& holds)
{
    for (int i = 0; i < 2000; ++i) {
        if (holds())
            return true;
        ::poll(nullptr, 0, 5);
    }
    return holds();
}

/// What came through a tunnel; grants what it got.
struct Listener : client::PodStreamSink {
    void data(client::PodChannel channel, std::string bytes) override
    {
        const std::scoped_lock lock(mutex);
        if (tunnel)
            tunnel->grant(bytes.size());
        (channel == client::PodChannel::Error ? error : output) += bytes;
    }
    void taken(std::size_t bytes) override
    {
        const std::scoped_lock lock(mutex);
        acknowledged += bytes;
    }
    void ended(Result<int> code) override
    {
        const std::scoped_lock lock(mutex);
        exitCode = std::move(code);
    }
    bool over()
    {
        const std::scoped_lock lock(mutex);
        return exitCode.has_value();
    }
    std::size_t received()
    {
        const std::scoped_lock lock(mutex);
        return output.size();
    }

    std::mutex mutex;
    std::string output;
    std::string error;
    std::size_t acknowledged = 0;
    std::optional<Result<int>> exitCode;
    std::unique_ptr<client::PodStream> tunnel;
};

class AgentSession : public testing::Test {
protected:
    AgentSession()
    {
        std::string pattern = (fs::temp_directory_path() / "keelson-session-XXXXXX").string();
        folder = ::mkdtemp(pattern.data());
        authority.emplace(*auth::CertificateAuthority::openOrCreate(folder / "pki", clock));
        const auto server = *authority->issueServer({"kubernetes", "127.0.0.1"});
        dispatcher::Options options;
        options.certificate = server.certificate;
        options.key = server.key;
        options.authority = authority->certificate();
        options.heartbeatSeconds = 1;
        options.checkToken = [](std::string_view secret) { return secret == "right"; };
        options.sign = [this](std::string_view request, const std::string& node) {
            return authority->signNode(request, node);
        };
        options.issueToken = [](const api::ObjectKey& account, api::Value request) -> Result<api::Value> {
            if (account.name != "web")
                return fail(Reason::NotFound, "serviceaccounts \"" + account.name + "\" not found");
            request.as_object()["status"] =
                api::Object{{"token", "token of " + account.text() + " for " + api::writeJson(request.at("spec"))},
                            {"expirationTimestamp", "2030-01-01T00:00:00Z"}};
            return request;
        };
        auto made = dispatcher::Dispatcher::create(std::move(options), client, serverLoop, executor);
        EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
        server_ = *std::move(made);
    }

    ~AgentSession() override
    {
        std::promise<void> stopped; // agents belong to their loop's thread
        agentLoop.post([&] {
            for (const auto& each : agents)
                each->agent->stop();
            stopped.set_value();
        });
        stopped.get_future().wait();
        server_->stop();
        executor.stop(); // before the loops that its work posts to; these may still ask it
        agentLoop.stop();
        serverLoop.stop();
        agents.clear();
        server_.reset();
        fs::remove_all(folder);
    }

    struct Agent {
        explicit Agent(const Clock& clock) : runtime(clock), prober(runtime) { runtime.setImagesPresent(true); }
        containers::SimulatedRuntime runtime;
        volumes::SimulatedVolumes volumes;
        pods::SimulatedProber prober;
        std::unique_ptr<node::NodeAgent> agent;
    };

    Agent& startAgent(const std::string& name, const std::string& secret = "right")
    {
        client.createYaml("{apiVersion: v1, kind: Node, metadata: {name: " + name +
                          ", labels: {zone: a}}, spec: {podCIDR: 10.9.0.0/24}}");
        auto& made = *agents.emplace_back(std::make_unique<Agent>(clock));
        node::NodeAgentOptions options;
        options.node = name;
        options.servers = {server_->address()};
        options.token = node::JoinToken{.authority = authority->certificate(), .secret = secret};
        options.hostIp = "192.168.0.7";
        options.simulated = true;
        options.network = network::NetworkMode::None;
        made.agent = std::make_unique<node::NodeAgent>(options, node::NodeAgentParts{.loop = agentLoop,
                                                                                     .executor = executor,
                                                                                     .random = random,
                                                                                     .runtime = made.runtime,
                                                                                     .volumes = made.volumes,
                                                                                     .prober = made.prober});
        made.agent->start();
        return made;
    }

    void createPod(const std::string& name, const std::string& node, const std::string& more = "")
    {
        client.createYaml("{apiVersion: v1, kind: Pod, metadata: {name: " + name +
                          ", namespace: default}, spec: {nodeName: " + node +
                          ", terminationGracePeriodSeconds: 1, containers: [{name: main, image: a" + more + "}]}}");
    }

    std::string phaseOf(const std::string& pod)
    {
        const auto found = client.get(api::kindOf<api::Pod>(), {.nameSpace = "default", .name = pod});
        return found ? std::string(api::stringAt(*found, {"status", "phase"})) : "gone";
    }

    client::PodTarget targetOf(const std::string& pod, const std::string& node = "n1")
    {
        const auto found = client.get(api::kindOf<api::Pod>(), {.nameSpace = "default", .name = pod});
        return {.nameSpace = "default",
                .pod = pod,
                .uid = found ? std::string(api::stringAt(*found, {"metadata", "uid"})) : "",
                .node = node,
                .container = "main"};
    }

    SystemClock clock;
    SeededRandom random{7};
    test::FakeClient client{clock, random};
    ThreadLoop serverLoop{"server", clock};
    ThreadLoop agentLoop{"agent", clock};
    ThreadExecutor executor{"test", 16};
    fs::path folder;
    std::optional<auth::CertificateAuthority> authority;
    std::unique_ptr<dispatcher::Dispatcher> server_;
    std::vector<std::unique_ptr<Agent>> agents;
};

TEST_F(AgentSession, aNodeRegistersAndRunsItsPods)
{
    client.createYaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: app, namespace: default}, data: {a: b}}");
    startAgent("n1");
    createPod("web", "n1", ", env: [{name: A, valueFrom: {configMapKeyRef: {name: app, key: a}}}]");
    EXPECT_TRUE(eventually([&] { return phaseOf("web") == "Running"; })) << phaseOf("web");

    const auto node = client.get(api::kindOf<api::Node>(), {.nameSpace = {}, .name = "n1"});
    ASSERT_TRUE(node.has_value());
    EXPECT_EQ(api::stringAt(*node, {"metadata", "labels", "kubernetes.io/hostname"}), "n1");
    EXPECT_EQ(api::stringAt(*node, {"metadata", "labels", "zone"}), "a") << "what users have set stays";
    EXPECT_EQ(api::stringAt(*node, {"spec", "podCIDR"}), "10.9.0.0/24");
    EXPECT_EQ(api::stringAt(*node, {"status", "capacity", "pods"}), "110");
    EXPECT_TRUE(eventually([&] {
        return client.get(api::kindOf<api::Lease>(), {.nameSpace = "kube-node-lease", .name = "n1"}).has_value();
    }));
    const auto pod = client.get(api::kindOf<api::Pod>(), {.nameSpace = "default", .name = "web"});
    EXPECT_EQ(api::stringAt(*pod, {"status", "hostIP"}), "192.168.0.7");
}

TEST_F(AgentSession, aNodeTellsItsImagesAndIsOtherwiseLeftAlone)
{
    auto& agent = startAgent("n1");
    agent.runtime.setImagesPresent(false);
    const auto node = [&] {
        const auto found = client.get(api::kindOf<api::Node>(), {.nameSpace = {}, .name = "n1"});
        return found ? *found : api::Value();
    };
    const auto images = [&] {
        const auto read = node();
        const auto* told = api::find(read, {"status", "images"});
        return told ? api::writeJson(*told) : "none";
    };
    createPod("web", "n1");
    EXPECT_TRUE(eventually([&] { return images() == R"([{"names":["a"]}])"; })) << images();
    const auto renewed = [&] {
        const auto lease = client.get(api::kindOf<api::Lease>(), {.nameSpace = "kube-node-lease", .name = "n1"});
        return lease ? std::string(api::stringAt(*lease, {"spec", "renewTime"})) : "";
    };
    const auto nextBeat = [&] {
        const auto before = renewed();
        return eventually([&] { return renewed() != before; });
    };
    ASSERT_TRUE(nextBeat());
    const auto before = node();
    createPod("again", "n1"); // makes the agent look once more, and see nothing new
    ASSERT_TRUE(eventually([&] { return phaseOf("again") == "Running"; }));
    ASSERT_TRUE(nextBeat() && nextBeat());
    EXPECT_EQ(api::stringAt(node(), {"metadata", "resourceVersion"}),
              api::stringAt(before, {"metadata", "resourceVersion"}));
}

TEST_F(AgentSession, aPodThatDoesNotFitIsRejectedAndTheOthersRun)
{
    auto& agent = startAgent("n1");
    const std::string port = ", ports: [{containerPort: 80, hostPort: 8080}]";
    createPod("first", "n1", port);
    ASSERT_TRUE(eventually([&] { return phaseOf("first") == "Running"; }));
    createPod("second", "n1", port);
    createPod("third", "n1");
    EXPECT_TRUE(eventually([&] { return phaseOf("second") == "Failed"; })) << phaseOf("second");
    EXPECT_TRUE(eventually([&] { return phaseOf("third") == "Running"; })) << phaseOf("third");

    const auto second = client.get(api::kindOf<api::Pod>(), {.nameSpace = "default", .name = "second"});
    EXPECT_EQ(api::stringAt(*second, {"status", "reason"}), "NodePorts");
    EXPECT_EQ(api::stringAt(*second, {"status", "message"}),
              "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod "
              "ports");
    EXPECT_TRUE(eventually([&] {
        const auto now = client.get(api::kindOf<api::Pod>(), {.nameSpace = "default", .name = "second"});
        return !api::stringAt(*now, {"status", "hostIP"}).empty();
    })) << "its agent knows of it";
    const auto now = client.get(api::kindOf<api::Pod>(), {.nameSpace = "default", .name = "second"});
    EXPECT_EQ(api::stringAt(*now, {"status", "reason"}), "NodePorts");
    EXPECT_EQ(api::find(*now, {"status", "containerStatuses"}), nullptr) << "nothing waits";
    for (const auto& each : *agent.runtime.list())
        EXPECT_NE(each.pod.name, "second");
    const auto told = [&] {
        int count = 0;
        for (const auto& event : client.list(api::kindOf<api::Event>(), {})->objects)
            count += event->contains(R"("reason":"NodePorts")") ? 1 : 0;
        return count;
    };
    EXPECT_TRUE(eventually([&] { return told() == 1; }));

    ASSERT_TRUE(client.remove(api::kindOf<api::Pod>(), {.nameSpace = "default", .name = "first"}, {}).has_value());
    EXPECT_TRUE(eventually([&] { return phaseOf("first") == "gone"; }));
    createPod("fourth", "n1", port);
    EXPECT_TRUE(eventually([&] { return phaseOf("fourth") == "Running"; })) << phaseOf("fourth");
}

TEST_F(AgentSession, podsThatAreRejectedOneAfterTheOtherWaitLongerAndLonger)
{
    startAgent("n1");
    const std::string port = ", ports: [{containerPort: 80, hostPort: 8080}]";
    createPod("first", "n1", port);
    ASSERT_TRUE(eventually([&] { return phaseOf("first") == "Running"; }));
    const auto began = clock.steady();
    for (const auto* const name : {"a", "b", "c"}) {
        createPod(name, "n1", port); // as a ReplicaSet replaces what has failed
        ASSERT_TRUE(eventually([&] { return phaseOf(name) == "Failed"; })) << name;
    }
    EXPECT_GE(clock.steady() - began, std::chrono::seconds{3}) << "none, one and two seconds";
}

TEST_F(AgentSession, aMissingConfigMapArrivesLater)
{
    auto& agent = startAgent("n1");
    createPod("web", "n1", ", envFrom: [{configMapRef: {name: late}}]");
    EXPECT_TRUE(eventually([&] { return phaseOf("web") == "Pending"; }));
    client.createYaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: late, namespace: default}, data: {a: b}}");
    EXPECT_TRUE(eventually([&] { return phaseOf("web") == "Running"; })) << agent.runtime.list()->size();
}

TEST_F(AgentSession, aDeletedPodIsClearedAwayAndRemoved)
{
    auto& agent = startAgent("n1");
    createPod("web", "n1");
    ASSERT_TRUE(eventually([&] { return phaseOf("web") == "Running"; }));
    ASSERT_TRUE(client.remove(api::kindOf<api::Pod>(), {.nameSpace = "default", .name = "web"}, {}));
    EXPECT_TRUE(eventually([&] { return phaseOf("web") == "gone"; }));
    EXPECT_TRUE(agent.runtime.list()->empty());
}

TEST_F(AgentSession, aNodeGetsTokensForItsOwnPodsAlone)
{
    startAgent("n1");
    client.createYaml("{apiVersion: v1, kind: Node, metadata: {name: n2}, spec: {podCIDR: 10.9.1.0/24}}");
    for (const auto* const pod : {"{name: own, account: web, node: n1}", "{name: foreign, account: web, node: n2}"}) {
        const auto row = *api::parseYaml(pod);
        const auto text = [&](std::string_view member) { return std::string(api::stringAt(row, {member})); };
        client.createYaml("{apiVersion: v1, kind: Pod, metadata: {name: " + text("name") +
                          ", namespace: default}, spec: {nodeName: " + text("node") +
                          ", serviceAccountName: " + text("account") + ", containers: [{name: main, image: a}]}}");
    }
    ASSERT_TRUE(eventually([&] { return phaseOf("own") == "Running"; }));
    // Another session of the node, which asks by hand.
    const auto identity =
        *node::join(server_->address(), {.authority = authority->certificate(), .secret = "right"}, "n2");
    std::mutex mutex;
    std::vector<node::wire::TokenReply> replies;
    const auto session = node::SessionClient::connect(server_->address(), identity,
                                                      {.received =
                                                           [&](node::wire::ToAgent message) {
                                                               const std::scoped_lock lock(mutex);
                                                               if (message.has_token_reply())
                                                                   replies.push_back(message.token_reply());
                                                           },
                                                       .ended = [](const Error&) {}});
    node::wire::FromAgent hello;
    hello.mutable_hello()->set_node("n2");
    hello.mutable_hello()->set_node_json(R"({"metadata":{"name":"n2"}})");
    session->send(hello);
    const auto ask = [&](const std::string& pod, const std::string& uid) {
        const auto count = [&] {
            const std::scoped_lock lock(mutex);
            return replies.size();
        };
        const auto before = count();
        node::wire::FromAgent message;
        auto& request = *message.mutable_token_request();
        request.set_name_space("default");
        request.set_pod(pod);
        request.set_uid(uid);
        request.set_audience("vault");
        request.set_expiration_seconds(700);
        session->send(message);
        EXPECT_TRUE(eventually([&] { return count() > before; }));
        const std::scoped_lock lock(mutex);
        return replies.empty() ? node::wire::TokenReply() : replies.back();
    };
    const auto uid = targetOf("foreign").uid;
    const auto good = ask("foreign", uid);
    EXPECT_EQ(good.token(),
              "token of default/web for " +
                  api::writeJson(api::Object{
                      {"boundObjectRef",
                       api::Object{{"apiVersion", "v1"}, {"kind", "Pod"}, {"name", "foreign"}, {"uid", uid}}},
                      {"expirationSeconds", 700},
                      {"audiences", api::Array{"vault"}}}));
    EXPECT_EQ(good.expires(), 1'893'456'000);
    EXPECT_EQ(ask("foreign", "another").error(), "pod default/foreign is not of node n2");
    EXPECT_EQ(ask("own", targetOf("own").uid).error(), "pod default/own is not of node n2");
}

TEST_F(AgentSession, aWrongTokenIsRefused)
{
    const auto joined =
        node::join(server_->address(), {.authority = authority->certificate(), .secret = "wrong"}, "n1");
    ASSERT_FALSE(joined.has_value());
    EXPECT_EQ(joined.error().reason, Reason::Unauthorized);
    EXPECT_EQ(joined.error().message, "the control plane at " + server_->address() +
                                          " refuses this node: the join token is wrong or no longer valid");
    const auto named =
        node::join(server_->address(), {.authority = authority->certificate(), .secret = "right"}, "N_1");
    EXPECT_EQ(named.error().reason, Reason::Invalid);
}

TEST_F(AgentSession, aServerOfAnotherAuthorityIsNotTrusted)
{
    const auto other = *auth::CertificateAuthority::openOrCreate(folder / "other", clock);
    const auto joined = node::join(server_->address(), {.authority = other.certificate(), .secret = "right"}, "n1");
    ASSERT_FALSE(joined.has_value());
    EXPECT_EQ(joined.error().reason, Reason::Unauthorized);
}

/// The end of a session that is opened with that identity and says that it is `node`.
struct RawSession {
    RawSession(const std::string& address, const node::Identity& identity, const std::string& node)
    {
        node::SessionClient::Callbacks callbacks;
        callbacks.received = [this](node::wire::ToAgent message) {
            const std::scoped_lock lock(mutex);
            if (message.has_change() && !message.change().json().empty())
                sent += message.change().kind() + ":" + message.change().name() + " ";
            synced = synced || message.has_synced();
        };
        callbacks.ended = [this](Error error) {
            const std::scoped_lock lock(mutex);
            ended = std::move(error);
        };
        session = node::SessionClient::connect(address, identity, std::move(callbacks));
        node::wire::FromAgent message;
        message.mutable_hello()->set_node(node);
        message.mutable_hello()->set_node_json("{\"metadata\": {\"name\": \"" + node + "\"}}");
        session->send(std::move(message));
    }
    bool isSynced()
    {
        const std::scoped_lock lock(mutex);
        return synced;
    }
    bool isEnded()
    {
        const std::scoped_lock lock(mutex);
        return ended.has_value();
    }

    std::mutex mutex;
    std::string sent;
    bool synced = false;
    std::optional<Error> ended;
    std::unique_ptr<node::SessionClient> session;
};

TEST_F(AgentSession, aSessionNeedsTheNodesCertificate)
{
    RawSession bare(server_->address(), {.authority = authority->certificate()}, "n1");
    ASSERT_TRUE(eventually([&] { return bare.isEnded(); }));
    EXPECT_EQ(bare.ended->reason, Reason::Unauthorized);

    const auto identity =
        *node::join(server_->address(), {.authority = authority->certificate(), .secret = "right"}, "n1");
    RawSession liar(server_->address(), identity, "n2");
    ASSERT_TRUE(eventually([&] { return liar.isEnded(); }));
    EXPECT_EQ(liar.ended->reason, Reason::Unauthorized);
    EXPECT_EQ(liar.ended->message, "the control plane at " + server_->address() +
                                       " refuses this node: the certificate is for node n1, not n2");

    const auto user = *authority->issueClient("admin", {"system:masters"});
    RawSession admin(server_->address(), {authority->certificate(), user.certificate, user.key}, "n1");
    ASSERT_TRUE(eventually([&] { return admin.isEnded(); }));
    EXPECT_EQ(admin.ended->reason, Reason::Unauthorized);
}

TEST_F(AgentSession, aSecondSessionReplacesTheFirst)
{
    client.createYaml("{apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDR: 10.9.0.0/24}}");
    const auto identity =
        *node::join(server_->address(), {.authority = authority->certificate(), .secret = "right"}, "n1");
    RawSession first(server_->address(), identity, "n1");
    ASSERT_TRUE(eventually([&] { return first.isSynced(); }));
    RawSession second(server_->address(), identity, "n1");
    ASSERT_TRUE(eventually([&] { return first.isEnded() && second.isSynced(); }));
    EXPECT_EQ(first.ended->reason, Reason::Conflict);
    EXPECT_FALSE(second.isEnded());
}

TEST_F(AgentSession, aNodeSeesOnlyWhatItsPodsName)
{
    for (const auto* name : {"mine", "yours", "nobodys"})
        client.createYaml(std::string("{apiVersion: v1, kind: Secret, metadata: {namespace: default, name: ") + name +
                          "}}");
    client.createYaml("{apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDR: 10.9.0.0/24}}");
    createPod("a", "n1", ", envFrom: [{secretRef: {name: mine}}]");
    createPod("b", "n2", ", envFrom: [{secretRef: {name: yours}}]");
    const auto identity =
        *node::join(server_->address(), {.authority = authority->certificate(), .secret = "right"}, "n1");
    RawSession session(server_->address(), identity, "n1");
    ASSERT_TRUE(eventually([&] { return session.isSynced(); }));
    EXPECT_EQ(session.sent, "Secret:mine Pod:a ");
}

TEST_F(AgentSession, execGoesThroughTheSession)
{
    startAgent("n1");
    createPod("web", "n1");
    ASSERT_TRUE(eventually([&] { return phaseOf("web") == "Running"; }));
    const auto listener = std::make_shared<Listener>();
    const auto tunnel =
        server_->exec(targetOf("web"), {.command = {"sh", "-c", "echo hi; echo no >&2; exit 3"}}, listener);
    ASSERT_TRUE(tunnel.has_value());
    ASSERT_TRUE(eventually([&] { return listener->over(); }));
    EXPECT_EQ(listener->output, "hi\n");
    EXPECT_EQ(listener->error, "no\n");
    EXPECT_EQ(listener->exitCode->value_or(-1), 3);
}

TEST_F(AgentSession, bytesFlowBothWaysBeyondTheWindow)
{
    startAgent("n1");
    createPod("web", "n1");
    ASSERT_TRUE(eventually([&] { return phaseOf("web") == "Running"; }));
    const auto listener = std::make_shared<Listener>();
    auto opened = server_->exec(targetOf("web"), {.command = {"cat"}, .input = true}, listener);
    ASSERT_TRUE(opened.has_value());
    auto* const tunnel = opened->get();
    const std::string piece(100'000, 'x');
    for (int i = 0; i < 6; ++i)
        tunnel->write(piece);
    EXPECT_TRUE(eventually([&] { return listener->received() == client::podStreamWindowBytes; }))
        << "nothing was granted: " << listener->received();
    tunnel->grant(client::podStreamWindowBytes * 2);
    EXPECT_TRUE(eventually([&] { return listener->received() == 600'000; })) << listener->received();
    tunnel->closeInput();
    EXPECT_TRUE(eventually([&] { return listener->over(); }));
    EXPECT_EQ(listener->acknowledged, 600'000U);
}

TEST_F(AgentSession, logsAndRefusalsComeBack)
{
    startAgent("n1");
    createPod("web", "n1", ", command: [sh, -c, \"echo one; echo two; sleep 1000\"]");
    ASSERT_TRUE(eventually([&] { return phaseOf("web") == "Running"; }));
    const auto listener = std::make_shared<Listener>();
    const auto tunnel = server_->logs(targetOf("web"), {.tailLines = 1}, listener);
    ASSERT_TRUE(eventually([&] { return listener->over(); }));
    EXPECT_EQ(listener->output, "two\n");

    const auto refused = std::make_shared<Listener>();
    const auto previous = server_->logs(targetOf("web"), {.previous = true}, refused);
    ASSERT_TRUE(eventually([&] { return refused->over(); }));
    EXPECT_EQ(refused->exitCode->error().reason, Reason::BadRequest);
    EXPECT_EQ(refused->exitCode->error().message, "previous terminated container \"main\" in pod \"web\" not found");

    const auto nowhere = server_->logs(targetOf("web", "n9"), {}, std::make_shared<Listener>());
    EXPECT_EQ(nowhere.error().reason, Reason::ServiceUnavailable);
    EXPECT_EQ(nowhere.error().message, "node n9 is not connected");
}

TEST_F(AgentSession, tunnelsEndWithTheirSession)
{
    auto& agent = startAgent("n1");
    createPod("web", "n1");
    ASSERT_TRUE(eventually([&] { return phaseOf("web") == "Running"; }));
    const auto listener = std::make_shared<Listener>();
    const auto tunnel = server_->exec(targetOf("web"), {.command = {"cat"}, .input = true}, listener);
    ASSERT_TRUE(tunnel.has_value());
    agentLoop.post([&] { agent.agent->stop(); });
    ASSERT_TRUE(eventually([&] { return listener->over(); }));
    EXPECT_EQ(listener->exitCode->error().reason, Reason::ServiceUnavailable);
}

} // namespace
} // namespace keelson
