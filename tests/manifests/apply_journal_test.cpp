// SPDX-License-Identifier: Apache-2.0
// clang-format off: the tables below read as rows, a case each
#include "manifests/apply_journal.h"

#include "support/process.h"

#include <gtest/gtest.h>

#include <fstream>

namespace keelson::manifests {
namespace {

namespace fs = std::filesystem;
using State = ApplyRecord::State;

api::Value yaml(std::string_view text)
{
    return api::parseYaml(text).value();
}

ApplyRecord twoMaps()
{
    ApplyRecord record{"dev https://host", true, {}};
    record.entries.push_back({{"ConfigMap", "shop", "a"}, "/api/v1/configmaps", yaml("{data: {a: b}}"), nullptr, nullptr,
                              {{"data.a", true}, {"data.b", false}}, State::Open});
    record.entries.push_back({{"ConfigMap", "", "b"}, "/api/v1/configmaps", yaml("{data: {a: 'c\nd'}}"),
                              yaml("{data: {}}"), yaml("{data: {a: c}}"), {}, State::Open});
    return record;
}

/// "Applied 7, Open": the states, and the versions that the server told.
std::string textOf(const std::optional<ApplyRecord>& record)
{
    if (!record)
        return "none";
    std::string text;
    for (const auto& entry : record->entries) {
        text += (text.empty() ? "" : ", ");
        text += entry.state == State::Open ? "Open" : entry.state == State::Applied ? "Applied" : "Undone";
        if (const auto version = api::stringAt(entry.after, {"metadata", "resourceVersion"}); !version.empty())
            text += " " + std::string(version);
    }
    return text;
}

void append(const fs::path& file, std::string_view text)
{
    std::ofstream(file, std::ios::app | std::ios::binary) << text;
}

TEST(ApplyJournal, keepsAllThatGoingOnAndUndoingNeed)
{
    const support::TemporaryFolder folder;
    const ApplyJournal journal(folder.path() / "made" / "apply.journal");
    EXPECT_EQ(textOf(journal.read()), "none");
    ASSERT_TRUE(journal.begin(twoMaps()));
    EXPECT_EQ(fs::status(journal.file()).permissions(), fs::perms::owner_read | fs::perms::owner_write)
        << "manifests hold Secrets";
    const auto kept = journal.read();
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->cluster, "dev https://host");
    EXPECT_TRUE(kept->isPlain);
    const auto given = twoMaps();
    for (std::size_t i = 0; i < given.entries.size(); ++i) {
        EXPECT_EQ(kept->entries[i].object, given.entries[i].object);
        EXPECT_EQ(kept->entries[i].collection, given.entries[i].collection);
        EXPECT_EQ(kept->entries[i].manifest, given.entries[i].manifest);
        EXPECT_EQ(kept->entries[i].before, given.entries[i].before);
        EXPECT_EQ(kept->entries[i].after, given.entries[i].after);
        EXPECT_EQ(kept->entries[i].takeOver, given.entries[i].takeOver);
    }
    ASSERT_TRUE(journal.note(1, State::Applied, yaml("{metadata: {resourceVersion: '7'}}")));
    EXPECT_EQ(textOf(journal.read()), "Open, Applied 7");
    ASSERT_TRUE(journal.note(1, State::Undone, nullptr));
    EXPECT_EQ(textOf(journal.read()), "Open, Undone 7");
    journal.remove();
    EXPECT_EQ(textOf(journal.read()), "none");
}

TEST(ApplyJournal, readsWhatACrashHasLeft)
{
    struct Case {
        const char* end;
        const char* states;
    };
    for (const auto& [end, states] : {
             Case{"", "Applied 7, Open"},
             Case{R"({"entry":1,"state":"app)", "Applied 7, Open"},
             Case{R"({"entry":2,"state":"applied"})", "Applied 7, Open"},
             Case{R"({"entry":-1,"state":"applied"})", "Applied 7, Open"},
             Case{R"({"entry":1,"state":"gone"})", "Applied 7, Open"},
             Case{R"({"entry":1,"state":"applied","after":null})", "Applied 7, Applied"},
         }) {
        const support::TemporaryFolder folder;
        const ApplyJournal journal(folder.path() / "apply.journal");
        ASSERT_TRUE(journal.begin(twoMaps()));
        ASSERT_TRUE(journal.note(0, State::Applied, yaml("{metadata: {resourceVersion: '7'}}")));
        append(journal.file(), end);
        EXPECT_EQ(textOf(journal.read()), states) << end;
    }
    const support::TemporaryFolder folder;
    const ApplyJournal journal(folder.path() / "apply.journal");
    for (const auto* const text : {"", "\n", "no JSON", "{}", R"({"entries":2})", R"({"entries":-1})"}) {
        fs::remove(journal.file());
        append(journal.file(), text);
        EXPECT_EQ(textOf(journal.read()), "none") << text;
    }
}

TEST(ApplyJournal, saysWhyItCannotBeKept)
{
    const support::TemporaryFolder folder;
    auto record = twoMaps();
    record.entries[0].manifest.as_object()["data"].as_object()["a"] = std::string(ApplyJournal::bytesMax, 'x');
    const auto large = ApplyJournal(folder.path() / "apply.journal").begin(record);
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().message, "the objects take more than 64 MiB");
    append(folder.path() / "file", "");
    const auto none = ApplyJournal(folder.path() / "file" / "apply.journal").begin(twoMaps());
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message.find("Not a directory"), std::string::npos) << none.error().message;
}

TEST(AppliedBy, asksWhatItSaysAndWhoWroteLast)
{
    struct Case {
        const char* fields;
        const char* data;
        bool isOurs;
    };
    for (const auto& [fields, data, isOurs] : {
             Case{"[{manager: me, time: '2026-01-01T00:00:02Z'}]", "{a: b, c: d}", true},
             Case{"[{manager: me, time: '2026-01-01T00:00:02Z'}]", "{a: c}", false},
             Case{"[{manager: me, time: '2026-01-01T00:00:02Z'}]", "{}", false},
             Case{"[{manager: me, time: '2026-01-01T00:00:02Z'}, {manager: you, time: '2026-01-01T00:00:01Z'}]", "{a: b}", true},
             Case{"[{manager: me, time: '2026-01-01T00:00:02Z'}, {manager: you, time: '2026-01-01T00:00:03Z'}]", "{a: b}", false},
             Case{"[{manager: me, time: '2026-01-01T00:00:02Z'}, {manager: you, subresource: status, time: '2026-01-01T00:00:03Z'}]",
                  "{a: b}", true},
             Case{"[{manager: you, time: '2026-01-01T00:00:01Z'}]", "{a: b}", false},
             Case{"[]", "{a: b}", false},
         })
        EXPECT_EQ(isAppliedBy(yaml(std::string("{metadata: {managedFields: ") + fields + "}, data: " + data + ", list: [{x: 1}]}"),
                              yaml("{data: {a: b}, list: [{x: 1}]}"), "me"),
                  isOurs)
            << fields << data;
}

} // namespace
} // namespace keelson::manifests
