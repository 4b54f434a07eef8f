// SPDX-License-Identifier: Apache-2.0
#include "node/assigned_objects.h"
#include "node/identity.h"
#include "node/node_facts.h"
#include "node/pod_tokens.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace keelson::node {
namespace {

TEST(JoinToken, refusesWhatIsNone)
{
    for (const auto* text : {"", ".", "abc", "abc.", ".secret", "####.secret", "aGVsbG8.secret"}) {
        const auto token = JoinToken::parse(text);
        ASSERT_FALSE(token.has_value()) << text;
        EXPECT_EQ(token.error().reason, Reason::Invalid);
    }
}

TEST(CertificateRequest, isPem)
{
    const auto made = makeCertificateRequest("n1");
    ASSERT_TRUE(made.has_value());
    EXPECT_TRUE(made->request.starts_with("-----BEGIN CERTIFICATE REQUEST-----"));
    EXPECT_TRUE(made->key.starts_with("-----BEGIN PRIVATE KEY-----"));
}

TEST(MakeNode, tellsWhatTheMachineIs)
{
    const auto node = makeNode({.name = "n1",
                                .hostIp = "10.0.0.1",
                                .labels = {{"disk", "ssd"}},
                                .runtime = {.name = "docker",
                                            .version = "20.10.24",
                                            .architecture = "amd64",
                                            .cpus = 2,
                                            .memoryBytes = 1024LL * 1024 * 1024}});
    EXPECT_EQ(node.metadata.labels.at("kubernetes.io/hostname"), "n1");
    EXPECT_EQ(node.metadata.labels.at("kubernetes.io/arch"), "amd64");
    EXPECT_EQ(node.metadata.labels.at("disk"), "ssd");
    EXPECT_EQ(node.status.capacity.at("cpu").text(), "2");
    EXPECT_EQ(node.status.capacity.at("memory").text(), "1Gi");
    EXPECT_EQ(node.status.allocatable.at("memory").text(), "924Mi");
    EXPECT_EQ(node.status.addresses.at(0).address, "10.0.0.1");
    EXPECT_EQ(node.status.nodeInfo.containerRuntimeVersion, "docker://20.10.24");
    EXPECT_TRUE(node.status.nodeInfo.kubeletVersion.starts_with("v1.32."));
}

TEST(ImagesOf, tellsTheLargestFirstInAnyOrder)
{
    std::vector<containers::ImageInfo> images;
    for (int i = 0; i < 60; ++i)
        images.push_back({.names = {fmt::format("image:{}", i)}, .sizeBytes = i / 2});
    images.push_back(
        {.names = {"web:2", "web:1", "web@sha256:2", "web:4", "web:3", "web:5", "web@sha256:1"}, .sizeBytes = 1000});
    const auto told = imagesOf(images);
    ASSERT_EQ(told.size(), imagesMax);
    EXPECT_EQ(told[0].names, (std::vector<std::string>{"web@sha256:1", "web@sha256:2", "web:1", "web:2", "web:3"}));
    EXPECT_EQ(told[1].names.at(0), "image:58") << "of the same size, by name";
    EXPECT_EQ(told[1].sizeBytes, 29);
    EXPECT_EQ(told.back().sizeBytes, 5);
    std::ranges::reverse(images);
    std::ranges::reverse(images[0].names);
    EXPECT_EQ(imagesOf(images), told);
    EXPECT_TRUE(imagesOf({}).empty());
}

std::string statusesOf(const std::vector<api::NodeCondition>& conditions)
{
    std::string text;
    for (const auto& each : conditions)
        text += each.type + "=" + each.status + " ";
    return text;
}

TEST(ConditionsOf, followTheMachine)
{
    const WallTime now{std::chrono::seconds{1000}};
    const struct {
        MachineState state;
        const char* conditions;
    } cases[] = {
        {{}, "MemoryPressure=False DiskPressure=False PIDPressure=False Ready=True "},
        {{.memoryAvailableBytes = 1}, "MemoryPressure=True DiskPressure=False PIDPressure=False Ready=True "},
        {{.diskFreeShare = 0.01}, "MemoryPressure=False DiskPressure=True PIDPressure=False Ready=True "},
        {{.processShare = 0.99}, "MemoryPressure=False DiskPressure=False PIDPressure=True Ready=True "},
        {{.problem = "no engine", .problemReason = "X"},
         "MemoryPressure=False DiskPressure=False PIDPressure=False Ready=False "},
    };
    for (const auto& each : cases)
        EXPECT_EQ(statusesOf(conditionsOf(each.state, {}, now)), each.conditions);
}

TEST(ConditionsOf, keepTheTimeOfTheirTransition)
{
    const WallTime first{std::chrono::seconds{1000}};
    const WallTime second{std::chrono::seconds{2000}};
    const auto before = conditionsOf({}, {}, first);
    const auto after = conditionsOf({.problem = "no engine"}, before, second);
    EXPECT_EQ(after[0].lastTransitionTime, first);
    EXPECT_EQ(after[0].lastHeartbeatTime, second);
    EXPECT_EQ(after[3].lastTransitionTime, second);
}

TEST(ParseResolver, readsServersAndTheLastSearch)
{
    const auto resolver =
        parseResolver("# c\nnameserver 1.1.1.1\nsearch old\nnameserver 9.9.9.9\nsearch a b\noptions x\n");
    EXPECT_EQ(resolver.nameServers, (std::vector<std::string>{"1.1.1.1", "9.9.9.9"}));
    EXPECT_EQ(resolver.searches, (std::vector<std::string>{"a", "b"}));
}

wire::ObjectChange change(const std::string& kind, const std::string& name, const std::string& json)
{
    wire::ObjectChange made;
    made.set_kind(kind);
    made.set_name_space(kind == "Node" ? "" : "shop");
    made.set_name(name);
    made.set_json(json);
    return made;
}

struct Assigned : testing::Test {
    Assigned()
    {
        objects.apply(change("Pod", "web", R"({"metadata": {"name": "web", "namespace": "shop", "uid": "u"}})"));
        objects.apply(change("ConfigMap", "app", R"({"data": {"a": "b"}})"));
        objects.apply(change("Node", "n2", R"({"metadata": {"name": "n2"}, "spec": {"podCIDR": "10.1.0.0/24"},
                                              "status": {"addresses": [{"type": "InternalIP", "address": "1.2.3.4"}]}})"));
    }
    AssignedObjects objects;
};

TEST_F(Assigned, objectsArePickedByNamespace)
{
    const auto pod = objects.pod({.nameSpace = "shop", .name = "web"});
    ASSERT_TRUE(pod);
    EXPECT_EQ(objects.objectsFor(*pod).configMaps.at("app")->data.at("a"), "b");
    api::Pod other;
    other.metadata.namespace_ = "else";
    EXPECT_TRUE(objects.objectsFor(other).configMaps.empty());
    ASSERT_EQ(objects.peers().size(), 1U);
    EXPECT_EQ(objects.peers()[0], (network::Peer{.node = "n2", .address = "1.2.3.4", .podCidr = "10.1.0.0/24"}));
}

TEST_F(Assigned, whatIsNotSentAgainIsGone)
{
    objects.begin();
    objects.apply(change("ConfigMap", "app", R"({"data": {"a": "c"}})"));
    const auto stale = objects.finish();
    ASSERT_EQ(stale.size(), 2U);
    EXPECT_EQ(stale[0].kind, AssignedObjects::Kind::Pod);
    EXPECT_TRUE(stale[0].gone);
    EXPECT_TRUE(objects.pods().empty());
    EXPECT_TRUE(objects.peers().empty());
}

TEST_F(Assigned, survivesTheDisk)
{
    wire::Welcome welcome;
    welcome.set_pod_cidr("10.0.0.0/24");
    const auto text = objects.save(welcome);
    AssignedObjects again;
    const auto read = again.load(text);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->pod_cidr(), "10.0.0.0/24");
    EXPECT_EQ(again.pods().size(), 1U);
    EXPECT_EQ(again.peers().size(), 1U);
    for (std::size_t size = 0; size < text.size(); ++size) {
        AssignedObjects cut;
        cut.load(text.substr(0, size)); // a torn file is read as far as it goes
        EXPECT_LE(cut.pods().size(), 1U);
    }
}

TEST_F(Assigned, unreadableObjectsArePassedOver)
{
    EXPECT_EQ(objects.apply(change("Pod", "bad", "{")).kind, AssignedObjects::Kind::Other);
    EXPECT_EQ(objects.apply(change("Pod", "bad", R"({"spec": 1})")).kind, AssignedObjects::Kind::Other);
    EXPECT_EQ(objects.apply(change("Gizmo", "g", "{}")).kind, AssignedObjects::Kind::Other);
    EXPECT_EQ(objects.pods().size(), 1U);
}

TEST(RenewalTime, comesWhenAFifthIsLeftOrAfterADay)
{
    using std::chrono::hours;
    using std::chrono::seconds;
    const WallTime now{seconds{1'000'000}};
    EXPECT_EQ(renewalTime(now, now + seconds{600}), now + seconds{480});
    EXPECT_EQ(renewalTime(now, now + seconds{3607}), now + seconds{2885} + Milliseconds{600});
    EXPECT_EQ(renewalTime(now, now + hours{24 * 365}), now + hours{24});
}

/// Pods whose tokens are answered by hand, in simulated time.
struct Tokens : testing::Test {
    Tokens()
    {
        const auto document = api::parseYaml(R"({metadata: {name: web, namespace: shop, uid: u1}, spec: {volumes: [
            {name: a, projected: {sources: [{serviceAccountToken: {path: token, expirationSeconds: 600}},
                                            {serviceAccountToken: {path: other, audience: vault}}]}}]}})");
        pod = api::fromJson<api::Pod>(*document).value_or(api::Pod{});
    }

    /// What was asked since the last look: "shop/web u1 vault 3600".
    std::string asked()
    {
        std::string text;
        for (const auto& message : std::exchange(sent, {})) {
            const auto& request = message.token_request();
            text += request.name_space() + "/" + request.pod() + " " + request.uid() + " " + request.audience() + " " +
                    std::to_string(request.expiration_seconds()) + "; ";
        }
        return text;
    }

    void answer(const std::string& audience, std::int64_t seconds, const std::string& token,
                const std::string& error = {})
    {
        wire::TokenReply reply;
        auto& request = *reply.mutable_request();
        request.set_name_space("shop");
        request.set_pod("web");
        request.set_uid("u1");
        request.set_audience(audience);
        request.set_expiration_seconds(seconds);
        reply.set_token(token);
        reply.set_error(error);
        const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock.wall().time_since_epoch());
        reply.set_expires(now.count() + seconds);
        tokens.received(reply);
    }

    SimulatedClock clock;
    SimulatedLoop loop{clock};
    SeededRandom random{1};
    std::vector<wire::FromAgent> sent;
    int changes = 0;
    api::Pod pod;
    PodTokens tokens{loop,
                     random,
                     {.send = [this](wire::FromAgent message) { sent.push_back(std::move(message)); },
                      .changed = [this](const api::ObjectKey&) { ++changes; }}};
};

TEST_F(Tokens, areAskedForOnceAndRenewedInTime)
{
    tokens.want(pod);
    EXPECT_EQ(asked(), "shop/web u1  600; shop/web u1 vault 3600; ");
    tokens.want(pod);
    EXPECT_EQ(asked(), "") << "the answer is on its way";
    tokens.connected();
    EXPECT_EQ(asked(), "shop/web u1  600; shop/web u1 vault 3600; ") << "another session knows nothing of it";
    answer("", 600, "one");
    EXPECT_FALSE(tokens.settled(pod));
    answer("vault", 3600, "two");
    EXPECT_TRUE(tokens.settled(pod));
    EXPECT_EQ(changes, 2);
    EXPECT_EQ(*tokens.of(pod).at({"", 600}), "one");
    loop.runFor(std::chrono::seconds{479});
    EXPECT_EQ(asked(), "");
    loop.runFor(std::chrono::seconds{12});
    EXPECT_EQ(asked(), "shop/web u1  600; ");
    EXPECT_EQ(*tokens.of(pod).at({"", 600}), "one") << "it is good until the next one comes";
    answer("", 600, "three");
    EXPECT_EQ(*tokens.of(pod).at({"", 600}), "three");
}

TEST_F(Tokens, refusalsAreToldAndAskedAgain)
{
    tokens.want(pod);
    answer("vault", 3600, "two");
    answer("", 600, "", "serviceaccounts \"web\" not found");
    EXPECT_TRUE(tokens.settled(pod)) << "the pod is to say why it cannot start";
    EXPECT_EQ(tokens.of(pod).at({"", 600}).error().message, "serviceaccounts \"web\" not found");
    asked();
    loop.runFor(std::chrono::seconds{21});
    EXPECT_EQ(asked(), "shop/web u1  600; ");
    answer("", 600, "one");
    answer("", 600, "", "later trouble");
    EXPECT_EQ(*tokens.of(pod).at({"", 600}), "one") << "a refusal does not take back what was given";
}

TEST_F(Tokens, goWithTheirPod)
{
    tokens.want(pod);
    tokens.forget({"shop", "web"});
    answer("", 600, "one");
    EXPECT_EQ(changes, 0);
    EXPECT_TRUE(tokens.of(pod).empty());
    tokens.want(pod);
    answer("", 600, "one");
    auto next = pod;
    next.metadata.uid = "u2";
    asked();
    tokens.want(next);
    EXPECT_EQ(asked(), "shop/web u2  600; shop/web u2 vault 3600; ");
    answer("", 600, "of the first");
    EXPECT_TRUE(tokens.of(next).empty());
    EXPECT_TRUE(tokens.of(pod).empty());
}

} // namespace
} // namespace keelson::node
