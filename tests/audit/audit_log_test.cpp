// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_log.h"
#include "base/private_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace keelson::audit {
namespace {

using testing::HasSubstr;
using testing::Not;

class AuditFile : public testing::Test {
protected:
    AuditFile()
        : m_folder(std::filesystem::temp_directory_path() /
                   ("keelson-audit-" + std::to_string(::getpid()) +
                    testing::UnitTest::GetInstance()->current_test_info()->name()))
    {
        std::filesystem::create_directories(m_folder);
    }
    ~AuditFile() override { std::filesystem::remove_all(m_folder); }

    std::vector<std::string> files() const
    {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(m_folder))
            names.push_back(entry.path().filename().string());
        std::ranges::sort(names);
        return names;
    }
    std::string content(const std::string& name) const { return readFile(m_folder / name).value_or("none"); }

    std::filesystem::path m_folder;
    SimulatedClock m_clock;
};

TEST_F(AuditFile, isPutAsideBySizeAndKeptByCountAndAge)
{
    auto log = LogFile::open(
        {.path = m_folder / "audit.log", .sizeBytesMax = 8, .ageDaysMax = 3, .filesMax = 2, .clock = &m_clock});
    ASSERT_TRUE(log);
    const auto write = [&](const char* line) {
        (*log)->write(line);
        (*log)->flush();
    };
    write("one");
    write("two");
    EXPECT_EQ(content("audit.log"), "one\ntwo\n");
    EXPECT_EQ(std::filesystem::status(m_folder / "audit.log").permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    write("three");
    EXPECT_THAT(files(), testing::ElementsAre("audit-2023-11-14T22-13-20.000.log", "audit.log"));
    EXPECT_EQ(content("audit-2023-11-14T22-13-20.000.log"), "one\ntwo\n");
    EXPECT_EQ(content("audit.log"), "three\n");
    write("four");
    EXPECT_THAT(files(), testing::ElementsAre("audit-2023-11-14T22-13-20.000.log", "audit-2023-11-14T22-13-20.001.log",
                                              "audit.log"))
        << "two in one millisecond";
    write("five");
    EXPECT_THAT(files(), testing::ElementsAre("audit-2023-11-14T22-13-20.001.log", "audit-2023-11-14T22-13-20.002.log",
                                              "audit.log"))
        << "two at most";
    m_clock.advance(std::chrono::days{4});
    write("six");
    EXPECT_THAT(files(), testing::ElementsAre("audit-2023-11-18T22-13-20.000.log", "audit.log"))
        << "three days at most";
    write("a line that is longer than a file may be");
    EXPECT_EQ(content("audit.log"), "a line that is longer than a file may be\n") << "nothing is cut";
    log->reset();
    auto again = LogFile::open({.path = m_folder / "audit.log", .clock = &m_clock});
    (*again)->write("on");
    (*again)->flush();
    EXPECT_THAT(content("audit.log"), testing::EndsWith("be\non\n")) << "goes on where it was";
}

TEST_F(AuditFile, namesWhatCannotBeWritten)
{
    const auto log = LogFile::open({.path = m_folder / "none" / "audit.log", .clock = &m_clock});
    ASSERT_FALSE(log);
    EXPECT_THAT(log.error().message, HasSubstr("cannot write the audit log"));
    EXPECT_THAT(log.error().message, HasSubstr("No such file"));
}

TEST_F(AuditFile, holdsTheStagesOfARequest)
{
    const auto policy = Policy::parse("{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: RequestResponse, "
                                      "omitManagedFields: true, resources: [{group: '', resources: [pods]}]}, "
                                      "{level: Metadata}]}");
    auto log = AuditLog::open({.policy = *policy, .file = {.path = m_folder / "audit.log", .clock = &m_clock}});
    ASSERT_TRUE(log);
    const auth::User caller{"jane", "7", {"a"}, {{"k", {"v"}}}};
    const auth::Attributes what{"create", "", "v1", "pods", "", "default", "web", ""};
    const auto begin = [&](const auth::Attributes& attributes) {
        return (*log)->begin(caller, attributes, [&] {
            return Subject{.id = "i",
                           .uri = "/api?token=secret&x=1",
                           .address = "10.0.0.1",
                           .agent = "curl",
                           .user = caller,
                           .impersonated = auth::User{"john", {}, {}, {}},
                           .attributes = attributes,
                           .received = m_clock.wall()};
        });
    };
    {
        const auto record = begin(what);
        record->setRequest(*api::parseJson(R"({"spec":{},"metadata":{"managedFields":[1]}})"));
        record->setDecision(true, "because");
        m_clock.advance(std::chrono::milliseconds{5});
        record->completed(
            201, *api::parseJson(R"({"kind":"Pod","metadata":{"uid":"u","resourceVersion":"9","managedFields":[1]}})"));
    }
    (*log)->flush();
    const auto received = content("audit.log").substr(0, content("audit.log").find('\n'));
    EXPECT_EQ(received, R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"i",)"
                        R"("stage":"RequestReceived","requestURI":"/api?token=REDACTED&x=1","verb":"create",)"
                        R"("user":{"username":"jane","uid":"7","groups":["a"],"extra":{"k":["v"]}},)"
                        R"("impersonatedUser":{"username":"john"},"sourceIPs":["10.0.0.1"],"userAgent":"curl",)"
                        R"("objectRef":{"resource":"pods","namespace":"default","name":"web","apiVersion":"v1"},)"
                        R"("requestReceivedTimestamp":"2023-11-14T22:13:20.000000Z",)"
                        R"("stageTimestamp":"2023-11-14T22:13:20.000000Z"})");
    const auto complete = content("audit.log").substr(received.size() + 1);
    for (const auto* const part :
         {R"("stage":"ResponseComplete")", R"("uid":"u","apiVersion":"v1","resourceVersion":"9")",
          R"("responseStatus":{"metadata":{},"code":201})", R"("requestObject":{"spec":{},"metadata":{}})",
          R"("responseObject":{"kind":"Pod","metadata":{"uid":"u","resourceVersion":"9"}})",
          R"("stageTimestamp":"2023-11-14T22:13:20.005000Z")",
          R"("annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"because"})"})
        EXPECT_THAT(complete, HasSubstr(part));

    auto secrets = what;
    secrets.resource = "secrets";
    const auto record = begin(secrets);
    record->started(200);
    record->completed(422,
                      *api::parseJson(R"({"kind":"Status","status":"Failure","reason":"Invalid","message":"hunter2",
                                               "details":{"causes":[{"message":"hunter2"}]}})"));
    (*log)->flush();
    EXPECT_THAT(content("audit.log"), HasSubstr(R"("stage":"ResponseStarted")"));
    EXPECT_THAT(content("audit.log"),
                HasSubstr(R"("responseStatus":{"metadata":{},"status":"Failure","reason":"Invalid","code":422})"));
    EXPECT_THAT(content("audit.log"), Not(HasSubstr("hunter2"))) << "a refusal may repeat what was sent";
}

} // namespace
} // namespace keelson::audit
