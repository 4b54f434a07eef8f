// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/live_cluster.h"

#include "editor/manifest_editor.h"
#include "editor/manifests_page.h"
#include "editor/problems_panel.h"

#include <gtest/gtest.h>

#include <QFile>
#include <QTemporaryDir>

#include <memory>

namespace keelson::ui {

inline const QByteArray deployment = "apiVersion: apps/v1\n"
                                     "kind: Deployment\n"
                                     "metadata: # mine\n"
                                     "  name: web\n"
                                     "spec:\n"
                                     "  selector: {matchLabels: {app: web}}\n"
                                     "  template:\n"
                                     "    metadata: {labels: {app: web}}\n"
                                     "    spec:\n"
                                     "      containers:\n"
                                     "        - name: web\n"
                                     "          image: web:1\n";

class EditorPage : public testing::Test {
protected:
    void SetUp() override { open(); }

    void open()
    {
        m_page.reset();
        m_page = std::make_unique<ManifestsPage>(nullptr, realTime, m_folder.filePath(QStringLiteral("unsaved")));
        m_page->resize(1100, 760);
        m_page->show();
        m_page->activateWindow();
    }

    QString write(const QString& name, const QByteArray& text)
    {
        const auto path = m_folder.filePath(name);
        QFile file(path);
        EXPECT_TRUE(file.open(QIODevice::WriteOnly));
        file.write(text);
        return path;
    }
    QByteArray read(const QString& path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    void openFile(const QString& path)
    {
        m_page->open({path});
        ASSERT_TRUE(eventually([&] { return m_page->current() && m_page->current()->path() == path && settled(); }));
    }
    bool settled() { return m_page->isSettled(); }
    ManifestEditor& editor() { return *m_page->editor(); }
    std::string text() { return m_page->current()->text().text(); }
    std::string shown() { return editor().text().toStdString(); }
    void cursorBehind(const char* words) { editor().goTo(text().find(words) + std::string_view(words).size()); }
    QStringList problems()
    {
        QStringList all;
        auto* model = m_page->problems()->model();
        for (int i = 0; i < model->rowCount(); ++i)
            if (model->row(i).finding.what.severity != document::Severity::Hint)
                all << model->row(i).place + QLatin1Char(' ') + model->row(i).text;
        return all;
    }

    QTemporaryDir m_folder;
    std::unique_ptr<ManifestsPage> m_page;
};

} // namespace keelson::ui
