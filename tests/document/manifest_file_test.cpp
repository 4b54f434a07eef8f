// SPDX-License-Identifier: Apache-2.0
#include "document/manifest_file.h"

#include "base/private_file.h"
#include "support/as_nobody.h"
#include "support/small_disk.h"

#include <gmock/gmock.h>

#include <fstream>
#include <map>

namespace keelson::document {

namespace fs = std::filesystem;

namespace {

class ManifestFileTest : public testing::Test {
protected:
    void SetUp() override
    {
        auto name = (fs::temp_directory_path() / "keelson-document-XXXXXX").string();
        ASSERT_TRUE(::mkdtemp(name.data()));
        m_folder = name;
    }
    void TearDown() override { fs::remove_all(m_folder); }

    fs::path put(const std::string& name, std::string_view bytes)
    {
        const auto path = m_folder / name;
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return path;
    }

    fs::path m_folder;
};

} // namespace

TEST_F(ManifestFileTest, keepsEncodingMarkAndLineEndings)
{
    const std::string text = "kind: A\r\n# größe 🚀\r\nsize: ß\r\n";
    for (const auto form : {Encoding::Form::Utf8, Encoding::Form::Utf16Little, Encoding::Form::Utf16Big})
        for (const bool hasMark : {false, true}) {
            const auto bytes = encode(text, {form, hasMark});
            auto file = ManifestFile::open(put("a.yaml", bytes));
            ASSERT_TRUE(file) << file.error().message;
            EXPECT_EQ(file->text().text(), text);
            ASSERT_TRUE(file->text().edit(0, SetValue{parsePath("kind"), "B"}, "edit"));
            ASSERT_TRUE(file->save());
            auto wanted = text;
            wanted[6] = 'B';
            EXPECT_EQ(*readFile(m_folder / "a.yaml"), encode(wanted, {form, hasMark}));
        }
}

TEST_F(ManifestFileTest, namesFileAndLineOfWhatIsNoText)
{
    const auto file = ManifestFile::open(put("latin.yaml", "a: 1\nname: gr\xf6\xdf"));
    ASSERT_FALSE(file);
    EXPECT_THAT(file.error().message, testing::AllOf(testing::HasSubstr("latin.yaml"), testing::HasSubstr("line 2"),
                                                     testing::HasSubstr("Save it as UTF-8")));
    EXPECT_EQ(ManifestFile::open(m_folder / "missing.yaml").error().reason, Reason::NotFound);
    EXPECT_EQ(ManifestFile::open(m_folder).error().reason, Reason::BadRequest);
}

TEST_F(ManifestFileTest, neverWritesOverWhatOthersWrote)
{
    const auto path = put("a.yaml", "a: 1\n");
    auto file = ManifestFile::open(path);
    file->text().replace(3, 1, "2");
    put("a.yaml", "a: other\n");
    EXPECT_EQ(file->diskState(), DiskState::Changed);
    EXPECT_EQ(file->save().error().reason, Reason::Conflict);
    EXPECT_EQ(*readFile(path), "a: other\n");
    ASSERT_TRUE(file->reload());
    EXPECT_EQ(file->text().text(), "a: other\n");
    file->text().undo();
    EXPECT_EQ(file->text().text(), "a: 2\n") << "what was typed is one undo away";
    ASSERT_TRUE(file->saveOver());
    EXPECT_EQ(*readFile(path), "a: 2\n");
    fs::remove(path);
    EXPECT_EQ(file->diskState(), DiskState::Gone);
    EXPECT_TRUE(file->save()) << "a file that went away is written again";
}

TEST_F(ManifestFileTest, saysWhatMayNotBeWritten)
{
    const auto path = put("sub/a.yaml", "a: 1\n");
    auto file = ManifestFile::open(path);
    file->text().replace(3, 1, "2");
    const auto error = file->saveAs(m_folder / "missing" / "b.yaml");
    ASSERT_FALSE(error);
    EXPECT_THAT(error.error().message, testing::HasSubstr("the text is kept"));
    EXPECT_TRUE(file->isEdited());
    for (const auto& folder : {m_folder, path.parent_path()})
        fs::permissions(folder, fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_exec);
    {
        const support::AsNobody nobody;
        EXPECT_EQ(file->save().error().reason, Reason::Forbidden);
    }
    for (const auto& folder : {m_folder, path.parent_path()})
        fs::permissions(folder, fs::perms::owner_all);
    EXPECT_EQ(*readFile(path), "a: 1\n");
}

TEST_F(ManifestFileTest, aFullDiskLeavesTheFileAndTheLastCopyAsTheyWere)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "it mounts a file system";
    const support::SmallDisk disk(64);
    ASSERT_TRUE(disk.mounted());
    const auto path = disk.path() / "a.yaml";
    const auto kept = disk.path() / "kept";
    support::writeFile(path, "a: 1\n");
    auto file = ManifestFile::open(path);
    file->text().replace(3, 1, "2");
    ASSERT_TRUE(file->keepForRecovery(kept));
    file->text().replace(3, 1, std::string(100'000, '3'));
    const auto saved = file->save();
    ASSERT_FALSE(saved);
    EXPECT_THAT(saved.error().message,
                testing::AllOf(testing::HasSubstr("a.yaml could not be written (No space left on device)"),
                               testing::HasSubstr("the text is kept")));
    EXPECT_TRUE(file->isEdited());
    const auto copied = file->keepForRecovery(kept);
    ASSERT_FALSE(copied);
    EXPECT_THAT(copied.error().message, testing::AllOf(testing::HasSubstr("No space left on device"),
                                                       testing::HasSubstr("save it, or make room")));
    EXPECT_EQ(*readFile(path), "a: 1\n");
    ASSERT_EQ(recoverable(kept).size(), 1U);
    EXPECT_EQ(recoverable(kept).front().text, "a: 2\n");
    const auto count = [](const fs::path& folder) {
        return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
    };
    EXPECT_EQ(count(disk.path()), 2) << "the file and the folder of copies: nothing is left beside them";
    EXPECT_EQ(count(kept), 1);
}

TEST_F(ManifestFileTest, recoversWhatWasNotSaved)
{
    const auto kept = m_folder / "kept";
    auto file = ManifestFile::open(put("a.yaml", "a: 1\n"));
    file->text().replace(3, 1, "2");
    ASSERT_TRUE(file->keepForRecovery(kept));
    auto made = ManifestFile::made("new: 1\n");
    ASSERT_TRUE(made.keepForRecovery(kept));
    put("kept/broken.unsaved", "{");
    const auto all = recoverable(kept);
    ASSERT_EQ(all.size(), 2U);
    std::map<std::string, std::string> texts;
    for (const auto& one : all)
        texts[one.original.filename().string()] = one.text;
    EXPECT_EQ(texts["a.yaml"], "a: 2\n");
    EXPECT_EQ(texts[""], "new: 1\n");
    ASSERT_TRUE(file->save());
    ASSERT_TRUE(file->keepForRecovery(kept));
    EXPECT_EQ(recoverable(kept).size(), 1U) << "what is saved needs no recovery";
}

TEST_F(ManifestFileTest, whatIsRecoveredDoesNotGoOverWhatOthersWroteMeanwhile)
{
    const auto kept = m_folder / "kept";
    const auto path = put("a.yaml", "a: 1\n");
    auto file = ManifestFile::open(path);
    file->text().replace(3, 1, "mine");
    ASSERT_TRUE(file->keepForRecovery(kept));
    auto same = ManifestFile::recovered(recoverable(kept).front(), "Recovered");
    EXPECT_EQ(same.diskState(), DiskState::Same);
    put("a.yaml", "a: theirs\n");
    auto recovered = ManifestFile::recovered(recoverable(kept).front(), "Recovered");
    EXPECT_EQ(recovered.text().text(), "a: mine\n");
    EXPECT_EQ(recovered.diskState(), DiskState::Changed);
    EXPECT_EQ(recovered.save().error().reason, Reason::Conflict);
    EXPECT_EQ(*readFile(path), "a: theirs\n");
    recovered.text().undo();
    EXPECT_EQ(recovered.text().text(), "a: theirs\n") << "theirs is one undo away";
    fs::remove(path);
    EXPECT_EQ(ManifestFile::recovered(recoverable(kept).front(), "Recovered").text().text(), "a: mine\n");
}

TEST_F(ManifestFileTest, listsAFolder)
{
    for (const auto* name : {"b.yml", "a/z.yaml", "c.json", "d.txt", ".git/x.yaml"})
        put(name, "a: 1\n");
    std::string names;
    for (const auto& path : *manifestsIn(m_folder))
        names += fs::relative(path, m_folder).string() + " ";
    EXPECT_EQ(names, "a/z.yaml b.yml c.json ");
    EXPECT_FALSE(manifestsIn(m_folder / "missing"));
}

TEST(Encoding, refusesHalfCharacters)
{
    EXPECT_FALSE(decode(std::string_view("\xff\xfe\x00\xd8", 4)));
    EXPECT_FALSE(decode(std::string_view("\xff\xfe\x61", 3)));
    EXPECT_FALSE(decode("\xc3"));
    EXPECT_TRUE(decode(""));
}

} // namespace keelson::document
