// SPDX-License-Identifier: Apache-2.0
#include "workloads/content_list.h"

#include "models/read.h"

#include <gtest/gtest.h>

#include <QLabel>
#include <QToolButton>

namespace keelson::ui {
namespace {

class Contents : public testing::Test {
protected:
    void show(const QVector<Inspection::Content>& contents)
    {
        m_list = std::make_unique<ContentList>(contents, m_opened);
        m_list->resize(300, 400);
        m_list->show();
    }
    /// The texts that can be seen.
    std::string said()
    {
        QStringList all;
        for (const auto* label : m_list->findChildren<QLabel*>())
            if (label->isVisible())
                all << label->text();
        return unbroken(all.join(QLatin1Char('|'))).toStdString();
    }
    QToolButton* toggle(const char* key) { return m_list->findChild<QToolButton*>(QLatin1String(key)); }

    ContentList::Opened m_opened = std::make_shared<QSet<QString>>();
    std::unique_ptr<ContentList> m_list;
};

TEST_F(Contents, ofASecretAreShownOnlyWhenTheUserWantsIt)
{
    const QVector<Inspection::Content> secret{{QStringLiteral("password"), QStringLiteral("s3cr3t"), 6, true, true}};
    show(secret);
    EXPECT_EQ(said(), "6 B");
    EXPECT_EQ(toggle("password")->text(), QStringLiteral("Show"));
    toggle("password")->click();
    EXPECT_EQ(said(), "6 B|s3cr3t");
    show(secret);
    EXPECT_EQ(said(), "6 B|s3cr3t") << "it stays open when the object changes";
    toggle("password")->click();
    EXPECT_EQ(said(), "6 B");
}

TEST_F(Contents, areShownByTheirBeginning)
{
    const auto wide = QString(300, QLatin1Char('x'));
    show({{QStringLiteral("short"), QStringLiteral("a\nb\n"), 4},
          {QStringLiteral("long"), QStringLiteral("1\n2\n3\n4"), 7},
          {QStringLiteral("wide"), wide, 300},
          {QStringLiteral("none"), {}, 0},
          {QStringLiteral("picture"), {}, 9}});
    EXPECT_EQ(said(), "4 B|a\nb|7 B|1\n2\n3|300 B|" + std::string(200, 'x') + "…|0 B|9 B|binary");
    EXPECT_FALSE(toggle("short")->isVisible());
    EXPECT_FALSE(toggle("picture")->isVisible());
    toggle("long")->click();
    EXPECT_EQ(toggle("long")->text(), QStringLiteral("Less"));
    EXPECT_NE(said().find("1\n2\n3\n4"), std::string::npos);
    toggle("wide")->click();
    EXPECT_NE(said().find(wide.toStdString()), std::string::npos);
}

} // namespace
} // namespace keelson::ui
