// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tracing/lesson.h"

#include <QWidget>

#include <memory>

class QComboBox;
class QLabel;
class QListWidget;
class QPushButton;
class QScrollArea;
class QToolButton;

namespace keelson::ui {

class Banner;

/// The lesson beside the trace: asks for consent, then walks through the chapters, back and forth, each with its
/// meaning and what happened there just now; in the end it cleans up.
class LearnPanel : public QWidget {
    Q_OBJECT
public:
    /// `cluster`: its name, for the consent.
    LearnPanel(std::unique_ptr<Lesson> lesson, const QString& cluster, QWidget* parent = nullptr);

    Lesson& lesson() { return *m_lesson; }
    int chapter() const { return m_chapter; }
    void setChapter(int chapter);
    QListWidget* list() const { return m_list; }
    QPushButton* mainButton() const { return m_main; } ///< "Make it", "Next", "Clean up", "Once more": what comes next.
    QPushButton* backButton() const { return m_back; }
    QPushButton* cleanButton() const { return m_clean; }
    QPushButton* retryButton() const { return m_retry; }
    QComboBox* images() const { return m_images; }
    QString text() const; ///< All that is said just now.

signals:
    void chapterChanged(int chapter);
    void closed();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QWidget* buildHeader();
    QWidget* buildImage();
    QWidget* buildBody();
    QWidget* buildButtons();
    void refresh();
    void refreshIntroduction();
    void refreshChapters();
    void refreshButtons();
    void refreshProblem();
    void goOn();
    void goBack();
    bool isLast() const;
    bool wantsImage() const; ///< Whether another image may help.

    std::unique_ptr<Lesson> m_lesson;
    QString m_cluster;
    QStringList m_offered; ///< The images in the box.
    int m_chapter = 0;
    Banner* m_banner;
    QScrollArea* m_scroll = nullptr;
    QLabel* m_introduction = nullptr;
    QWidget* m_imageRow = nullptr;
    QComboBox* m_images = nullptr;
    QListWidget* m_list = nullptr;
    QLabel* m_title = nullptr;
    QLabel* m_meaning = nullptr;
    QLabel* m_heading = nullptr;
    QLabel* m_facts = nullptr;
    QLabel* m_advice = nullptr;
    QLabel* m_elsewhere = nullptr; ///< What happens in another chapter meanwhile.
    QPushButton* m_main = nullptr;
    QPushButton* m_back = nullptr;
    QPushButton* m_clean = nullptr;
    QPushButton* m_retry = nullptr;
};

} // namespace keelson::ui
