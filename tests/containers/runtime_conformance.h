// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "containers/container_runtime.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

namespace keelson::containers {

/// A runtime to try, made anew for each test.
struct RuntimeUnderTest {
    virtual ~RuntimeUnderTest() = default;
    virtual ContainerRuntime& runtime() = 0;
    /// An image with `sh`, `echo`, `sleep` and `cat` that `pullImage` or the machine provides.
    virtual std::string image() = 0;
    virtual std::string missingImage() = 0;
    /// Waits until `done` holds; false after a while.
    virtual bool until(const std::function<bool()>& done) = 0;
};

/// What every `ContainerRuntime` must do. Use: INSTANTIATE_TEST_SUITE_P with a factory.
class RuntimeConformance : public testing::TestWithParam<std::function<std::unique_ptr<RuntimeUnderTest>()>> {
protected:
    /// What a stream gave.
    struct Heard {
        std::mutex mutex;
        std::string output;
        std::string error;
        std::optional<Result<int>> ended;

        StreamHandler handler()
        {
            return {.data =
                        [this](StreamHandler::Channel channel, std::string_view bytes) {
                            const std::scoped_lock lock(mutex);
                            (channel == StreamHandler::Channel::Error ? error : output) += bytes;
                        },
                    .ended =
                        [this](Result<int> code) {
                            const std::scoped_lock lock(mutex);
                            ended = std::move(code);
                        }};
        }
        bool over()
        {
            const std::scoped_lock lock(mutex);
            return ended.has_value();
        }
        std::string out()
        {
            const std::scoped_lock lock(mutex);
            return output;
        }
    };

    void SetUp() override { m_under = GetParam()(); }

    ContainerRuntime& runtime() { return m_under->runtime(); }

    ContainerInfo sandbox()
    {
        const auto made = runtime().startSandbox({.pod = m_pod, .hostName = "web-0"});
        EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
        return made.value_or(ContainerInfo{});
    }

    ContainerSpec spec(const std::string& script)
    {
        ContainerSpec made;
        made.pod = m_pod;
        made.name = "main";
        made.image = m_under->image();
        made.command = {"sh", "-c", script};
        made.annotations = {{"hash", "abc"}};
        return made;
    }

    std::string started(const std::string& sandboxId, const ContainerSpec& made)
    {
        EXPECT_TRUE(runtime().imageId(made.image) || runtime().pullImage(made.image, std::nullopt));
        const auto id = runtime().createContainer(sandboxId, made);
        EXPECT_TRUE(id.has_value()) << (id ? "" : id.error().message);
        const auto start = runtime().startContainer(id.value_or(""));
        EXPECT_TRUE(start.has_value()) << (start ? "" : start.error().message);
        return id.value_or("");
    }

    bool reaches(const std::string& id, ContainerState state)
    {
        return m_under->until([&] {
            const auto info = runtime().inspect(id);
            return info && info->state == state;
        });
    }

    const PodIdentity m_pod{.nameSpace = "default", .name = "web-0", .uid = "4f1c2a3b"};
    std::unique_ptr<RuntimeUnderTest> m_under;
};

TEST_P(RuntimeConformance, aPodLivesAndDies)
{
    const auto shell = sandbox();
    EXPECT_TRUE(shell.sandbox);
    EXPECT_FALSE(shell.ip.empty());
    const auto id = started(shell.id, spec("echo ready; sleep 1000"));

    const auto info = runtime().inspect(id);
    ASSERT_TRUE(info.has_value());
    EXPECT_EQ(info->pod, m_pod);
    EXPECT_EQ(info->name, "main");
    EXPECT_EQ(info->sandboxId, shell.id);
    EXPECT_EQ(info->annotations.at("hash"), "abc");
    EXPECT_EQ(info->state, ContainerState::Running);
    EXPECT_TRUE(info->startedAt.has_value());
    EXPECT_FALSE(info->finishedAt.has_value());
    EXPECT_EQ(runtime().list()->size(), 2U);
    EXPECT_TRUE(runtime().stats(id).has_value());

    ASSERT_TRUE(runtime().stopContainer(id, std::chrono::seconds{0}).has_value());
    const auto stopped = runtime().inspect(id);
    EXPECT_EQ(stopped->state, ContainerState::Exited);
    EXPECT_NE(stopped->exitCode, 0);
    EXPECT_TRUE(stopped->finishedAt.has_value());
    EXPECT_TRUE(runtime().stopContainer(id, std::chrono::seconds{0}).has_value()) << "stopping twice is no failure";

    EXPECT_TRUE(runtime().removeContainer(id).has_value());
    EXPECT_TRUE(runtime().removeContainer(shell.id).has_value());
    EXPECT_TRUE(runtime().removeContainer(shell.id).has_value()) << "removing twice is no failure";
    EXPECT_TRUE(runtime().list()->empty());
}

TEST_P(RuntimeConformance, tellsTheExitCode)
{
    const auto shell = sandbox();
    const auto id = started(shell.id, spec("exit 3"));
    ASSERT_TRUE(reaches(id, ContainerState::Exited));
    EXPECT_EQ(runtime().inspect(id)->exitCode, 3);
}

TEST_P(RuntimeConformance, keepsBothChannelsOfTheLog)
{
    const auto shell = sandbox();
    const auto id = started(shell.id, spec("echo out; echo err >&2; exit 0"));
    ASSERT_TRUE(reaches(id, ContainerState::Exited));
    Heard heard;
    const auto stream = runtime().logs(id, {}, heard.handler());
    ASSERT_TRUE(stream.has_value());
    ASSERT_TRUE(m_under->until([&] { return heard.over(); }));
    EXPECT_EQ(heard.output, "out\n");
    EXPECT_EQ(heard.error, "err\n");
}

TEST_P(RuntimeConformance, limitsTheLogToItsTail)
{
    const auto shell = sandbox();
    const auto id = started(shell.id, spec("echo one; echo two; exit 0"));
    ASSERT_TRUE(reaches(id, ContainerState::Exited));
    Heard heard;
    const auto stream = runtime().logs(id, {.tailLines = 1}, heard.handler());
    ASSERT_TRUE(m_under->until([&] { return heard.over(); }));
    EXPECT_EQ(heard.output, "two\n");
}

TEST_P(RuntimeConformance, execGivesOutputAndExitCode)
{
    const auto shell = sandbox();
    const auto id = started(shell.id, spec("sleep 1000"));
    Heard heard;
    const auto stream = runtime().exec(id, {.command = {"sh", "-c", "echo hello; exit 7"}}, heard.handler());
    ASSERT_TRUE(stream.has_value()) << stream.error().message;
    ASSERT_TRUE(m_under->until([&] { return heard.over(); }));
    EXPECT_EQ(heard.output, "hello\n");
    EXPECT_EQ(heard.ended->value_or(-1), 7);
}

TEST_P(RuntimeConformance, execReadsItsInput)
{
    const auto shell = sandbox();
    const auto id = started(shell.id, spec("sleep 1000"));
    Heard heard;
    const auto stream = runtime().exec(id, {.command = {"cat"}, .input = true}, heard.handler());
    ASSERT_TRUE(stream.has_value()) << stream.error().message;
    (*stream)->write("ping");
    EXPECT_TRUE(m_under->until([&] { return heard.out() == "ping"; }));
    EXPECT_FALSE(heard.over());
    (*stream)->closeInput();
    EXPECT_TRUE(m_under->until([&] { return heard.over(); }));
}

TEST_P(RuntimeConformance, listsTheImagesThatArePresent)
{
    const auto lists = [&](const std::string& image) {
        const auto images = runtime().images();
        return images && std::ranges::any_of(*images, [&](const ImageInfo& each) {
                   return std::ranges::find(each.names, image) != each.names.end();
               });
    };
    ASSERT_TRUE(runtime().pullImage(m_under->image(), std::nullopt) || runtime().imageId(m_under->image()));
    EXPECT_TRUE(lists(m_under->image()));
    EXPECT_FALSE(lists(m_under->missingImage()));
}

TEST_P(RuntimeConformance, refusesInItsVocabulary)
{
    EXPECT_EQ(runtime().inspect("nowhere").error().reason, Reason::NotFound);
    EXPECT_EQ(runtime().imageId(m_under->missingImage()).error().reason, Reason::NotFound);
    const auto misnamed = runtime().imageId("Upper:1");
    EXPECT_EQ(misnamed.error().reason, Reason::BadRequest);
    EXPECT_EQ(misnamed.error().message, "couldn't parse image name \"Upper:1\": invalid reference format: repository "
                                        "name must be lowercase");
    const auto pulled = runtime().pullImage(m_under->missingImage(), std::nullopt);
    ASSERT_FALSE(pulled.has_value());
    EXPECT_FALSE(pulled.error().message.empty());
    EXPECT_NE(pulled.error().message.find("image "), 0U) << "the caller says which: " << pulled.error().message;
}

TEST_P(RuntimeConformance, saysThatSomethingChanged)
{
    std::mutex mutex;
    int changes = 0;
    runtime().onChange([&] {
        const std::scoped_lock lock(mutex);
        ++changes;
    });
    const auto shell = sandbox();
    const auto count = [&] {
        const std::scoped_lock lock(mutex);
        return changes;
    };
    EXPECT_TRUE(m_under->until([&] { return count() > 0; }));
    EXPECT_TRUE(m_under->until([&] { return runtime().list()->size() == 1; }));
    ASSERT_TRUE(runtime().removeContainer(shell.id).has_value());
    EXPECT_TRUE(m_under->until([&] { return runtime().list()->empty(); }));
    runtime().onChange({});
}

} // namespace keelson::containers
